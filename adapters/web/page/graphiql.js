// The GraphQL page runs the operation in its fields: over HTTP, or over a WebSocket if it is a subscription.
const byId = (id) => document.getElementById(id);
const fields = { token: byId("token"), operation: byId("operation"), query: byId("query"), variables: byId("variables") };
const MOST_EVENTS = 200; // shown of one subscription; the oldest are dropped first
const EXAMPLE = `# A first query. Try a subscription too:
# subscription { onConversationUpdated(conversationKey: "lobby", after: "0") { type seq content authorId cursor } }
query Look($key: String!) {
  me { userId companyId anonymous }
  comments(conversationKey: $key, limit: 5) { headSeq comments { seq authorId content } }
}
`;
const INTROSPECTION = `{ __schema { types { kind name description
  fields { name description type { ...T } args { name description defaultValue type { ...T } } }
  inputFields { name description type { ...T } } enumValues { name description } } } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;

let running; // the open WebSocket of a subscription

function say(text, kind = "") {
  byId("state").textContent = text;
  byId("state").dataset.kind = kind;
}

function show(values) {
  byId("answer").textContent = values.map((value) => JSON.stringify(value, null, 2)).join("\n\n");
}

/** The type of the operation that would run. Comments and strings do not count. */
function operationType(query, name) {
  const plain = query.replace(/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g, " ");
  let depth = 0;
  const top = [...plain].map((c) => {
    if (c === "{") depth += 1;
    const keep = depth === 0;
    if (c === "}") depth -= 1;
    return keep ? c : c === "{" || c === "}" ? " " : "";
  }).join("");
  const found = [...top.matchAll(/\b(query|mutation|subscription)\b\s*(\w*)/g)];
  return (found.find((match) => name && match[2] === name) ?? found[0])?.[1] ?? "query";
}

function request() {
  const text = fields.variables.value.trim();
  const body = { query: fields.query.value };
  if (text) body.variables = JSON.parse(text);
  if (fields.operation.value.trim()) body.operationName = fields.operation.value.trim();
  return body;
}

async function overHttp(body) {
  const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json" };
  if (fields.token.value) headers.Authorization = `Bearer ${fields.token.value}`;
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, value: await answer.json() };
}

function finish(text, kind) {
  running = undefined;
  byId("stop").disabled = true;
  byId("run").disabled = false;
  if (text !== undefined) say(text, kind);
}

function overWebSocket(body) {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    "graphql-transport-ws");
  const send = (message) => socket.send(JSON.stringify(message));
  const events = [];
  running = socket;
  byId("stop").disabled = false;
  byId("run").disabled = true;
  socket.onopen = () => send({ type: "connection_init", payload: fields.token.value ? { token: fields.token.value } : {} });
  socket.onclose = ({ code, reason }) => { if (running === socket) finish(`closed: ${code} ${reason}`, "error"); };
  socket.onmessage = ({ data }) => {
    const { type, payload } = JSON.parse(data);
    if (type === "connection_ack") send({ type: "subscribe", id: "1", payload: body });
    if (type === "ping") send({ type: "pong" });
    if (type === "next" || type === "error") {
      events.push(payload);
      show(events.slice(-MOST_EVENTS));
      say(`${events.length} received`, type === "error" ? "error" : "");
    }
    if (type === "complete" || type === "error") {
      finish();
      socket.close(1000);
    }
  };
}

async function run() {
  if (running) return;
  try {
    const body = request();
    if (operationType(body.query, body.operationName) === "subscription") return overWebSocket(body);
    say("…");
    const { status, value } = await overHttp(body);
    show([value]);
    say(`status ${status}`, value.errors ? "error" : "");
  } catch (error) {
    say(error instanceof SyntaxError ? `Variables: ${error.message}` : error.message, "error");
  }
}

function typeName(type) {
  if (type.kind === "NON_NULL") return `${typeName(type.ofType)}!`;
  return type.kind === "LIST" ? `[${typeName(type.ofType)}]` : type.name;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function describe(type) {
  const box = document.createElement("details");
  box.append(element("summary", `${type.kind.toLowerCase().replace("_", " ")} ${type.name}`));
  if (type.description) box.append(element("p", type.description));
  const list = document.createElement("dl");
  for (const field of type.fields ?? type.inputFields ?? type.enumValues ?? []) {
    const args = (field.args ?? []).map((arg) => `${arg.name}: ${typeName(arg.type)}${arg.defaultValue ? ` = ${arg.defaultValue}` : ""}`);
    list.append(element("dt", field.name + (args.length ? `(${args.join(", ")})` : "") + (field.type ? `: ${typeName(field.type)}` : "")));
    if (field.description) list.append(element("dd", field.description));
  }
  box.append(list);
  return box;
}

async function showSchema() {
  const { value } = await overHttp({ query: INTROSPECTION });
  if (!value.data) return byId("schema").replaceChildren(element("p", value.errors[0].message));
  const types = value.data.__schema.types.filter((type) => !type.name.startsWith("__"));
  const rank = ({ name }) => ["Query", "Mutation", "Subscription"].indexOf(name) >>> 0;
  types.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  byId("schema").replaceChildren(...types.map(describe));
  byId("schema").firstElementChild.open = true;
}

fields.query.value = EXAMPLE;
fields.variables.value = '{"key": "lobby"}';
byId("run").addEventListener("click", run);
byId("stop").addEventListener("click", () => {
  running?.send(JSON.stringify({ type: "complete", id: "1" }));
  running?.close(1000);
  finish("stopped");
});
document.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(); });
fields.token.addEventListener("change", () => showSchema().catch((error) => say(error.message, "error")));
showSchema().catch((error) => say(error.message, "error"));
