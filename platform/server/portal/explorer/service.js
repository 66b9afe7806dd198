// The service this page came from; every address is relative to it.
import { buildSchema } from 'graphql';

const slice = new URLSearchParams(location.search).get('datasets');

function address(path) {
  return new URL(path, document.baseURI);
}

export async function loadSchema() {
  const url = address('schema.graphql');
  if (slice) url.searchParams.set('datasets', slice);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(String(answer.status));
  return buildSchema(await answer.text(), { assumeValid: true });
}

export async function loadExamples(dataset) {
  const url = address('explore/examples.json');
  if (dataset) url.searchParams.set('dataset', dataset);
  const answer = await fetch(url);
  return answer.ok ? answer.json() : {};
}

export async function ask(key, parameters, signal) {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
    authorization: `Bearer ${key}`,
  };
  if (slice) headers['gsb-datasets'] = slice;
  const body = JSON.stringify(parameters);
  const answer = await fetch(address('graphql'), { method: 'POST', headers, body, signal });
  return answer.json();
}

/** The cursor with which the answered list goes on, or null: the first one found. */
export function nextCursor(value) {
  if (!value || typeof value !== 'object') return null;
  if (value.hasNextPage === true && typeof value.endCursor === 'string') return value.endCursor;
  for (const inner of Object.values(value)) {
    const found = nextCursor(inner);
    if (found) return found;
  }
  return null;
}
