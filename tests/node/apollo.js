// Apollo Client with persisted queries, hashes by GET: node apollo.js <url> <key> <query> → {answers, sent}
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

const [uri, key, query] = process.argv.slice(2);
const sent = [];
const recording = async (input, init) => {
  const answer = await fetch(input, init);
  const text = decodeURIComponent(String(input)) + (init.body ?? "");
  sent.push({ method: init.method, withText: /[?&"]query["=]/.test(text), status: answer.status });
  return answer;
};
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([
    new PersistedQueryLink({
      sha256: (text) => createHash("sha256").update(text).digest("hex"),
      useGETForHashedQueries: true,
    }),
    new HttpLink({ uri, fetch: recording, headers: { authorization: `Bearer ${key}` } }),
  ]),
});
const answers = [];
for (let time = 0; time < 2; time += 1) {
  const { data } = await client.query({ query: gql(query), fetchPolicy: "network-only" });
  answers.push(data);
}
process.stdout.write(JSON.stringify({ answers, sent }));
