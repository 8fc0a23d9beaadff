// The identity of the user, and REST calls to the node that served this page.

import { $, pause } from "./dom.js";

const PAGE_SIZE = 50;

export const RETRIED = new Set([0, 429, 502, 503, 504]); // statuses after which sending again may work; 0 = no answer

const room = (key) => `/v1/conversations/${encodeURIComponent(key)}`;
const member = (key, user) => `${room(key)}/members/${encodeURIComponent(user)}`;

/** The user: a name (development mode), or a token with the user as `sub`. */
export class Identity {
  userField = $("#user");
  tokenField = $("#token");

  get token() {
    return this.tokenField.value.trim() || this.userField.value.trim();
  }

  get user() {
    const parts = this.tokenField.value.trim().split(".");
    if (parts.length === 3) {
      try {
        const bytes = Uint8Array.from(atob(parts[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
        return String(JSON.parse(new TextDecoder().decode(bytes)).sub);
      } catch {
        return ""; // the server reports the fault
      }
    }
    return this.userField.value.trim();
  }

  /** The fault of the name, known before any request; "" if there is none. */
  problem() {
    if (!this.token) return "Enter your name in “Send as”.";
    if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(this.token)) {
      return "A name contains visible ASCII characters, without spaces, quotes and commas.";
    }
    return "";
  }
}

// --------------------------------------------------------------------------------------------------- REST

export class Refusal extends Error {
  constructor(status, message, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The highest `Danwa-Position` of all answers. A read that carries it shows that state or a newer one. */
export class SeenPosition {
  latest = "";

  /** A position of another epoch replaces all earlier ones: the database was replaced. */
  saw(position) {
    const [epoch, number] = (position ?? "").split(".");
    const [seen, highest] = this.latest.split(".");
    if (number && (epoch !== seen || BigInt(number) > BigInt(highest))) this.latest = position;
  }
}

export class Api {
  seen = new SeenPosition();

  constructor(identity) {
    this.identity = identity;
  }

  cluster = () => this.#call("GET", "/v1/cluster");
  edit = (id, content) => this.#call("PATCH", `/v1/comments/${encodeURIComponent(id)}`, { content });
  remove = (id) => this.#call("DELETE", `/v1/comments/${encodeURIComponent(id)}`);

  conversation = (key) => this.#call("GET", room(key));
  configure = (key, settings) => this.#call("PUT", room(key), settings);
  join = (key, user) => this.#call("PUT", member(key, user));
  leave = (key, user) => this.#call("DELETE", member(key, user));
  presence = (key) => this.#call("GET", `${room(key)}/presence?limit=50`);

  /** Sends to the inbox of a user. The idempotency key makes retries safe. */
  notify(user, text) {
    const key = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    return this.#retry(() => this.#call("POST", "/v1/notifications", { to: { user }, text }, { "Idempotency-Key": key }));
  }

  /** The first hundred: a page may be short or empty and go on. */
  async conversations() {
    const conversations = [];
    for (let before; ; ) {
      const query = before === undefined ? "" : `&before=${encodeURIComponent(before)}`;
      const page = await this.#call("GET", `/v1/conversations?limit=${100 - conversations.length}${query}`);
      conversations.push(...page.conversations);
      before = page.next;
      if (before === undefined || conversations.length >= 100) return { conversations };
    }
  }

  /** All of them: a page may end before its limit. */
  async members(key) {
    const members = [];
    for (let after; ; ) {
      const query = after === undefined ? "" : `&after=${encodeURIComponent(after)}`;
      const page = await this.#call("GET", `${room(key)}/members?limit=1000${query}`);
      members.push(...page.members);
      after = page.next;
      if (after === undefined) return { members };
    }
  }

  history(key, before) {
    const query = before ? `?limit=${PAGE_SIZE}&before=${before}` : `?limit=${PAGE_SIZE}`;
    return this.#call("GET", `${room(key)}/comments${query}`);
  }

  /** The idempotency key makes retries safe. */
  send(conversationKey, content, clientRef) {
    const body = { content, conversationKey, clientRef };
    return this.#retry(() => this.#call("POST", "/v1/comments", body, { "Idempotency-Key": clientRef }));
  }

  /** Sends until there is an answer. */
  async #retry(request) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await request();
      } catch (error) {
        if (!RETRIED.has(error.status) || attempt === 4) throw error;
        await pause(Math.min(error.retryAfter ?? 300 * 2 ** attempt, 5_000));
      }
    }
  }

  async #call(method, path, body, headers = {}) {
    if (this.identity.token) headers.Authorization = `Bearer ${this.identity.token}`;
    if (body) headers["Content-Type"] = "application/json";
    if (method === "GET" && this.seen.latest) headers["Danwa-Position"] = this.seen.latest;
    let response;
    try {
      response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
    } catch {
      throw new Refusal(0, "The node that served this page does not answer.");
    }
    this.seen.saw(response.headers.get("Danwa-Position"));
    const answer = await response.json().catch(() => null); // 204 has none
    if (response.ok) return answer;
    const reasons = (answer?.errors ?? []).map((error) => error.message).join(" ");
    const seconds = Number(response.headers.get("Retry-After"));
    throw new Refusal(response.status, reasons || answer?.detail || answer?.title || `Status ${response.status}.`,
      seconds ? seconds * 1000 : undefined);
  }
}

