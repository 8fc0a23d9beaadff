// The nodes of the cluster, and live watches through them.

export const BACKOFF_MS = { first: 250, most: 10_000 };

/** The nodes of the cluster, and the address of each for clients. */
export class Cluster extends EventTarget {
  nodes = [{ name: "this node", host: location.host, up: true, own: true }];

  constructor(api) {
    super();
    this.api = api;
  }

  async refresh() {
    let found;
    try {
      found = await this.api.cluster();
    } catch (error) {
      if (error.status === 0) this.#change(this.nodes.map((node) => (node.own ? { ...node, up: false } : node)));
      return; // else keep what we know
    }
    const nodes = (found.members ?? []).map(({ name, state, http }) => ({
      name, own: name === found.node, up: state === "up",
      host: name === found.node ? location.host : String(http ?? "").replace(/^https?:\/\//, "").replace(/\/.*$/, ""),
    })).filter((node) => node.host);
    if (!nodes.some((node) => node.own)) {
      nodes.push({ name: found.node ?? "this node", host: location.host, up: true, own: true });
    }
    this.#change(nodes.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })));
  }

  #change(nodes) {
    this.nodes = nodes;
    this.dispatchEvent(new Event("change"));
  }

  byName(name) {
    return this.nodes.find((node) => node.name === name);
  }

  /** The node to try after `name` failed: the next one that is up, if possible not `avoid`. */
  after(name, avoid) {
    const at = this.nodes.findIndex((node) => node.name === name);
    const others = [...this.nodes.slice(at + 1), ...this.nodes.slice(0, Math.max(at, 0))];
    return (others.find((node) => node.up && node.name !== avoid) ?? others.find((node) => node.up) ??
      others[0] ?? this.nodes[0]).name;
  }
}

// --------------------------------------------------------------------------------------------------- link

/**
 * One watch over one WebSocket at a time. After a lost connection it connects again with `after=` the last seq
 * of the pane, first on the same node, then on the next.
 */
export class Link {
  #socket = null;
  #timer = 0;
  #failures = 0;

  /** needs: {cluster, identity, position(), path(), avoid(), onFrame(frame), onState(state)} */
  constructor(needs, nodeName) {
    this.needs = needs;
    this.nodeName = nodeName;
  }

  connect() {
    this.close();
    const node = this.needs.cluster.byName(this.nodeName) ?? this.needs.cluster.nodes[0];
    this.nodeName = node.name;
    this.needs.onState({ kind: "connecting" });
    const socket = this.#open(node);
    this.#socket = socket;
    const giveUp = setTimeout(() => socket.close(), 5_000);
    socket.onopen = () => clearTimeout(giveUp);
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      this.#failures = 0;
      this.needs.onFrame(JSON.parse(data));
    };
    socket.onclose = ({ code, reason }) => {
      clearTimeout(giveUp);
      if (this.#socket === socket) this.#lost(code, reason);
    };
  }

  close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  /** Drops a link that looks alive and is not, and tries the next node. */
  abandon() {
    this.#failures = Math.max(this.#failures, 1);
    this.close();
    this.#lost(1006, "");
  }

  #open(node) {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const query = new URLSearchParams({ after: this.needs.position() });
    const seen = this.needs.cluster.api.seen.latest; // a browser sets no header here
    if (seen) query.set("position", seen);
    const token = this.needs.identity.token;
    const fitsHeader = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(token);
    if (token && !fitsHeader) query.set("access_token", token);
    const url = `${scheme}://${node.host}${this.needs.path()}?${query}`;
    return new WebSocket(url, fitsHeader ? ["danwa.v1", `bearer.${token}`] : ["danwa.v1"]);
  }

  #lost(code, reason) {
    this.#socket = null;
    if (code >= 4400 && code < 4408) {
      this.needs.onState({ kind: "refused", why: reason || `Close code ${code}` });
      return;
    }
    const told = /retry-after=(\d+)/.exec(reason);
    const backOff = Math.min(BACKOFF_MS.first * 2 ** this.#failures, BACKOFF_MS.most);
    const wait = told ? Number(told[1]) : backOff * (0.5 + Math.random() / 2);
    this.#failures += 1;
    if (this.#failures > 1 || code === 1001) {
      const avoid = this.#failures < 5 ? this.needs.avoid() : undefined; // the same node is better than none
      this.nodeName = this.needs.cluster.after(this.nodeName, avoid);
    }
    this.needs.onState({ kind: "waiting", until: Date.now() + wait });
    this.#timer = setTimeout(() => this.connect(), wait);
  }
}
