// Instantiates a component in Node with nothing to import: { engine, imports, exports, memory() }.
export { instantiate } from '../../host-adapters/js/instantiate.mjs';
