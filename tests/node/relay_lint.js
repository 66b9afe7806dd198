// `node relay_lint.js schema.graphql`: what graphql-eslint's schema-relay rules say of an SDL, as JSON.
import { readFileSync } from 'node:fs';
import graphqlPlugin from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';

// The change feed is paged forward only, which the specification allows and the rule has an option for.
// Two demands of the edge rule are beyond Relay's connection specification, and are options of it: that a list holds edges
// only (`nodes` and plain lists of the catalogue do not), and that every node has a global id (ours have declared keys).
const rules = {
  ...graphqlPlugin.configs['flat/schema-relay'].rules,
  '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
  '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
};

const sdl = readFileSync(process.argv[2], 'utf8');
const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ['**/*.graphql'],
      languageOptions: {
        parser: graphqlPlugin.parser,
        parserOptions: { graphQLConfig: { schema: process.argv[2] } },
      },
      plugins: { '@graphql-eslint': graphqlPlugin },
      rules,
    },
  ],
});
const [result] = await eslint.lintText(sdl, { filePath: 'schema.graphql' });
const messages = result.messages.map(({ ruleId, severity, line, message }) => ({ ruleId, severity, line, message }));
process.stdout.write(JSON.stringify({ rules: Object.keys(rules), messages }));
