// `node relay_lint.js schema.graphql`: what graphql-eslint's schema-relay rules say of an SDL, as JSON.
import { readFileSync } from 'node:fs';
import graphqlPlugin from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';

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
      rules: graphqlPlugin.configs['flat/schema-relay'].rules,
    },
  ],
});
const [result] = await eslint.lintText(sdl, { filePath: 'schema.graphql' });
const messages = result.messages.map(({ ruleId, severity, line, message }) => ({ ruleId, severity, line, message }));
process.stdout.write(JSON.stringify({ rules: graphqlPlugin.configs['flat/schema-relay'].rules, messages }));
