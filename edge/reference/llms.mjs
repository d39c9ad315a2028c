// What a coding agent reads: /llms.txt (https://llmstxt.org), short; /llms-full.txt, the rules of agents.md and every operation in a line.
import { readFileSync } from 'node:fs';
import { operationsOf } from './document-parts.mjs';

const agents = () => readFileSync(new URL('agents.md', import.meta.url), 'utf8');

function lineOf({ method, path, summary, 'x-scopes': scopes, 'x-idempotency': idempotency }) {
  const notes = [scopes?.length && `scopes ${scopes.join(' ')}`, idempotency === 'required' && 'Idempotency-Key required'].filter(Boolean);
  return `- ${method} ${path}: ${summary}${notes.length ? ` (${notes.join('; ')})` : ''}`;
}

export function llmsOf(document) {
  const first = document.info.description.split('\n\n')[0];
  return `# LNTPay

> ${first}

- Base URL ends in /v1. Authenticate with \`Authorization: Bearer lnt_test_…\` (sandbox) or \`lnt_live_…\`.
- Amounts are integers. Every POST takes an \`Idempotency-Key\`; \`POST /v1/withdrawals\` requires it.
- An error has \`error.code\`; a 202 is followed with \`GET …?wait=25\`, never repeated with another key.

## Docs

- [Rules for coding agents](/llms-full.txt): read this before writing an integration
- [OpenAPI 3.1](/openapi.json): every route, field, error and event, with examples
- [OpenAPI 3.0](/openapi-3.0.json): the same for older generators
- [Reference](/docs): a page for people, with "Try it"

## Groups

${document.tags.map(({ name, description }) => `- ${name}: ${description}`).join('\n')}
`;
}

export function agentsOf(document) {
  const groups = document.tags.map(({ name }) => {
    const lines = operationsOf(document).filter(({ tags }) => tags.includes(name)).map(lineOf);
    return `### ${name}\n\n${lines.join('\n')}`;
  });
  const events = Object.entries(document.webhooks).map(([name, { post }]) => `- ${name}: ${post.summary}`);
  const { description } = document.components.schemas.Error.properties.error.properties.code;
  return `${agents()}\n## Operations\n\n${groups.join('\n\n')}\n\n## Events\n\n${events.join('\n')}\n\n## Error codes\n${description.slice(description.indexOf('\n'))}\n`;
}
