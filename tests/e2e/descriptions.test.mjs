// The descriptions of the API as strangers' tools read them: validators that teams run in their CI find no error,
// and the client that is generated from openapi.yaml compiles under tsc's strictest rules and works.
//
// Each validator is also shown a description with a fault, so that one which finds nothing at all fails.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";
import SwaggerParser from "@apidevtools/swagger-parser";
import { Parser } from "@asyncapi/parser";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectral from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";
import openapiTS, { astToString } from "openapi-typescript";
import { Nodes } from "./nodes.mjs";

const here = path.dirname(new URL(import.meta.url).pathname);
const kSpectralError = 0;

let nodes;
let folder;
let openapi;
let asyncapi;

before(async () => {
  folder = mkdtempSync(path.join(here, ".generated-")); // beside node_modules, where tsc and node look packages up
  nodes = await new Nodes().start();
  const get = async (name) => (await fetch(`${nodes.list[0].url}/${name}`)).text();
  openapi = await get("openapi.yaml");
  asyncapi = await get("asyncapi.yaml");
});

after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await nodes?.stop();
});

/** Errors of one validator, as texts. */
const validators = {
  "swagger-parser": async (text) => {
    const file = path.join(folder, "openapi.yaml");
    writeFileSync(file, text);
    try {
      await SwaggerParser.validate(file);
      return [];
    } catch (error) {
      return [error.message];
    }
  },
  "redocly": async (text) => {
    const config = await createConfig({ extends: ["recommended"] });
    const found = await lintFromString({ source: text, absoluteRef: path.join(folder, "openapi.yaml"), config });
    return found.filter(({ severity }) => severity === "error")
      .map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`);
  },
  "spectral": async (text) => {
    const linter = new spectral.Spectral();
    linter.setRuleset({ extends: [rulesets.oas] });
    const found = await linter.run(text);
    return found.filter(({ severity }) => severity === kSpectralError)
      .map(({ code, message, path: place }) => `${code}: ${message} ${place.join("/")}`);
  },
};

for (const [name, errorsOf] of Object.entries(validators)) {
  test(`${name} finds no error in openapi.yaml, and finds one that is put there`, async () => {
    assert.deepEqual(await errorsOf(openapi), []);
    const broken = openapi.replace("description: Executed, ", "description: Executed, whatever the query, ");
    assert.notEqual(broken, openapi);
    assert.notDeepEqual(await errorsOf(broken), []);
  });
}

test("the parser of AsyncAPI finds no error in asyncapi.yaml, and finds one that is put there", async () => {
  const errorsOf = async (text) => {
    const { diagnostics } = await new Parser().parse(text);
    return diagnostics.filter(({ severity }) => severity === 0).map(({ code, message }) => `${code}: ${message}`);
  };
  assert.deepEqual(await errorsOf(asyncapi), []);
  const broken = asyncapi.replace(/^ {2}title: .*$/m, "");
  assert.notEqual(broken, asyncapi);
  assert.notDeepEqual(await errorsOf(broken), []);
});

// What a team writes in its first hour, over types that are generated and not written.
const program = `
import createClient from "openapi-fetch";
import type { components, paths } from "./danwa";

type Comment = components["schemas"]["Comment"];

export async function run(baseUrl: string, user: string): Promise<string[]> {
  const client = createClient<paths>({ baseUrl, headers: { Authorization: \`Bearer \${user}\` } });
  const sent = await client.POST("/v1/comments", {
    params: { header: { "Idempotency-Key": "first" } },
    body: { content: "hello", conversationKey: "generated" },
  });
  if (sent.error) throw new Error(sent.error.errorCode);
  const comment: Comment = sent.data;
  const edited = await client.PATCH("/v1/comments/{id}", {
    params: { path: { id: comment.id } }, body: { content: "hello again" },
  });
  if (edited.error) throw new Error(edited.error.errorCode);
  const history = await client.GET("/v1/conversations/{key}/comments", {
    params: { path: { key: "generated" }, query: { limit: 10 } },
  });
  if (history.error) throw new Error(history.error.errorCode);
  const refused = await client.POST("/v1/comments", { body: { content: "", conversationKey: "generated" } });
  const code: string = refused.error?.errorCode ?? "none";
  return [...history.data.comments.map(({ content }) => content), code];
}
`;

test("the generated client compiles with tsc --strict, refuses a wrong field, and works", async () => {
  const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const compile = () => execFileSync(process.execPath, [tsc, "--project", folder],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const compilerOptions = { strict: true, noUncheckedIndexedAccess: true, skipLibCheck: false, target: "es2022",
    module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom", "dom.iterable"], types: [] };
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
  writeFileSync(path.join(folder, "package.json"), '{"type": "module"}');
  writeFileSync(path.join(folder, "danwa.d.ts"), astToString(await openapiTS(openapi)));
  writeFileSync(path.join(folder, "program.ts"), program.replace('body: { content: "hello again" }',
    'body: { contents: "hello again" }'));
  assert.throws(compile, ({ stdout }) => /'contents' does not exist/.test(stdout));
  writeFileSync(path.join(folder, "program.ts"), program);
  try {
    compile();
  } catch ({ stdout }) {
    assert.fail(stdout);
  }
  const { run } = await import(path.join(folder, "program.js"));
  assert.deepEqual(await run(nodes.list[0].url, "alice"), ["hello again", "content-empty"]);
});
