// In place of host-adapters/cloudflare/worker-engine.mjs: an engine with fixed time.
import { withFixedMoments } from '../../tests/e2e/lib_fixed_moments.mjs';
import { makeInstance as make } from './real-engine.mjs';

export async function makeInstance() {
  const { engine } = await make();
  return { engine: withFixedMoments(engine) };
}
