// `node relay_lint.js schema.graphql`: what graphql-eslint's schema-relay rules say of an SDL, as JSON. All rules and all
// their options are on; a message at a place of relay_exceptions.js comes with the number of that exception.
import { readFileSync } from 'node:fs';
import graphqlPlugin from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { buildSchema, parse } from 'graphql';
import { exceptions } from './relay_exceptions.js';

const { rules } = graphqlPlugin.configs['flat/schema-relay'];

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

const schema = buildSchema(sdl, { assumeValidSDL: true });
const { definitions } = parse(sdl);
const holds = ({ loc }, line) => loc.startToken.line <= line && line <= loc.endToken.line;

function placeOf(line) {
  const type = definitions.find((one) => holds(one, line));
  return [type?.name.value, type?.fields?.find((one) => holds(one, line))?.name.value];
}

const messages = result.messages.map(({ ruleId, severity, line, message }) => {
  const [type, field] = placeOf(line);
  const excepted = exceptions.findIndex((one) => one.message === message && one.holds(schema, type, field));
  return { ruleId, severity, at: [type, field].filter(Boolean).join('.'), message, excepted: excepted < 0 ? null : excepted };
});
process.stdout.write(JSON.stringify({ rules: Object.keys(rules), messages, exceptions: exceptions.map(({ why }) => why) }));
