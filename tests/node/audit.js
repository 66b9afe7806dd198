// The audits of GraphQL over HTTP by npm `graphql-http`: node audit.js <url> <key> → [{id, name, status, reason}]
import { auditServer } from "graphql-http";

const [url, key] = process.argv.slice(2);
const withKey = (input, init = {}) =>
  fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } });
const results = await auditServer({ url, fetchFn: withKey });
const shown = results.map(({ id, name, status, reason }) => ({ id, name, status, reason }));
process.stdout.write(JSON.stringify(shown));
