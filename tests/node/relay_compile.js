// `node relay_compile.js folder`: relay-compiler over folder/src with folder/schema.graphql, as JSON.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import relayCompiler from 'relay-compiler';

const folder = process.argv[2];
const config = { src: './src', schema: './schema.graphql', language: 'javascript', eagerEsModules: false };
writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));
const done = spawnSync(relayCompiler, ['relay.config.json'], { cwd: folder, encoding: 'utf8', timeout: 240_000 });
const made = done.status === 0 ? readdirSync(join(folder, 'src', '__generated__')).sort() : [];
process.stdout.write(JSON.stringify({ status: done.status, output: `${done.stdout}${done.stderr}`, made }));
