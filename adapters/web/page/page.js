// The demo page: one conversation, watched through two nodes at once.
//
// Timeline holds the state of a pane, without the DOM. PaneView draws it. The App at the end connects everything:
// api.js calls REST, link.js watches, room.js shows members and presence, bell.js shows notifications.

import { Api, Identity, RETRIED } from "./api.js";
import { Bell } from "./bell.js";
import { $, avatar, element, pause } from "./dom.js";
import { BACKOFF_MS, Cluster, Link } from "./link.js";
import { Room } from "./room.js";

const MAX_SHOWN = 400; // comments kept per pane; older ones are loaded again on demand
const STALL_MS = 3_000; // another pane is ahead for that long: this link is dead, whatever its socket says

// ----------------------------------------------------------------------------------------------- timeline

/** The state of a pane: the comments of the conversation by id, and the cursor in its log. */
class Timeline {
  comments = new Map(); // id -> {id, seq, author, content, at, edited, via, asOf, gone}
  pending = new Map(); // clientRef -> {ref, author, content, state: "sending" | "saved" | "failed", id}
  epoch = "";
  seq = 0;
  more = false;

  get position() {
    return this.epoch ? `${this.epoch}:${this.seq}` : String(this.seq);
  }

  /** A page of history; `fresh` replaces everything and sets the place in the log. */
  load(page, fresh) {
    if (fresh) {
      this.comments.clear();
      this.epoch = page.epoch;
      this.seq = page.headSeq;
    }
    for (const { id, seq, authorId, content, createdAt, version, clientRef } of page.comments) {
      this.comments.set(id, { id, seq, author: authorId, content, at: createdAt, edited: version > 1,
        via: "history", asOf: page.headSeq, gone: false });
      if (this.pending.get(clientRef)?.author === authorId) this.pending.delete(clientRef);
    }
    this.more = page.prev !== undefined;
  }

  /** Applies an update frame. Returns the comment it changed, if it is one that the pane shows. */
  apply({ type, payload }, via) {
    if (!(payload.seq > this.seq)) return null; // seen
    this.seq = payload.seq;
    if (type === "comment-added") return this.#add(payload, via);
    const comment = this.comments.get(payload.commentId);
    if (!comment || comment.asOf >= payload.seq) return null;
    comment.asOf = payload.seq;
    comment.via = via;
    comment.changedBy = payload.seq;
    if (type === "comment-deleted" || payload.redacted) comment.gone = true;
    else Object.assign(comment, { content: payload.commentContent, edited: true });
    return comment;
  }

  #add(payload, via) {
    const mine = this.pending.get(payload.clientRef);
    if (mine && mine.author === payload.authorId) this.pending.delete(payload.clientRef);
    const known = this.comments.get(payload.commentId);
    if (known) return known; // the history was read after it
    const comment = { id: payload.commentId, seq: payload.seq, author: payload.authorId,
      content: payload.commentContent, at: payload.occurredAt, edited: false, via, asOf: payload.seq,
      gone: Boolean(payload.redacted), fresh: true };
    this.comments.set(comment.id, comment);
    return comment;
  }
}

// --------------------------------------------------------------------------------------------------- view

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

const memberChange = ({ userId, byUserId }, alone, byAnother) =>
  (byUserId === userId ? `${userId} ${alone}` : `${byUserId} ${byAnother} ${userId}`);

/** The text for each change of the conversation itself. */
const CONVERSATION_CHANGES = {
  "member-joined": (payload) => memberChange(payload, "joined", "added"),
  "member-left": (payload) => memberChange(payload, "left", "removed"),
  "conversation-updated": ({ byUserId, title, visibility }) =>
    `${byUserId} made this conversation ${visibility}${title ? ` and called it “${title}”` : ""}`,
};

const STATES = {
  "connecting": () => "Connecting",
  "loading": () => "Loading",
  "catching-up": (state) => `Catching up, ${state.behind} updates left`,
  "live": () => "Live",
  "waiting": (state) => `Reconnecting in ${Math.max(1, Math.ceil((state.until - Date.now()) / 1000))} s`,
  "refused": () => "Refused",
  "offline": () => "Offline",
};

/** Draws one pane. It knows no socket, and reports every action of the user to `actions`. */
class PaneView {
  #rows = new Map(); // comment id or clientRef -> li

  constructor(title, actions) {
    this.actions = actions;
    this.root = $("#pane-template").content.firstElementChild.cloneNode(true);
    for (const part of ["pane-name", "node", "state", "state-text", "cut", "scroll", "older", "empty", "comments",
      "jump", "position", "last"]) {
      this[part.replace(/-(.)/g, (_, c) => c.toUpperCase())] = $(`.${part}`, this.root);
    }
    this.paneName.textContent = title;
    this.root.setAttribute("aria-label", title);
    this.scroll.setAttribute("aria-label", `${title}: comments`);
    $(".node-choice .hidden", this.root).textContent = `${title}: node to watch through`;
    this.node.onchange = () => actions.choose(this.node.value);
    this.cut.onclick = () => actions.cut();
    this.older.onclick = () => actions.older();
    this.jump.onclick = () => this.#toEnd();
    this.scroll.onscroll = () => { if (this.#atEnd()) this.jump.hidden = true; };
  }

  showNodes(nodes, chosen) {
    if (document.activeElement === this.node && this.node.value === chosen) return; // not under an open list
    this.node.replaceChildren(...nodes.map((node) =>
      element("option", { value: node.name, text: node.up ? node.name : `${node.name} (down)` })));
    this.node.value = chosen;
  }

  showState(state) {
    this.state.dataset.kind = state.kind;
    this.stateText.textContent = STATES[state.kind](state);
    this.state.title = state.why ?? "";
    this.cut.textContent = state.kind === "offline" ? "Go online" : "Go offline";
  }

  showPosition(timeline) {
    this.position.textContent = `seq ${timeline.seq}`;
    this.position.title = `Cursor ${timeline.position}`;
  }

  showLast(text) {
    this.last.textContent = text;
  }

  clear() {
    this.#rows.clear();
    this.comments.replaceChildren();
    this.jump.hidden = true;
    this.showLast("");
  }

  /** Draws everything anew, oldest first. */
  showAll(timeline) {
    const wasAtEnd = this.#atEnd();
    const fromEnd = this.scroll.scrollHeight - this.scroll.scrollTop;
    this.clear();
    for (const comment of [...timeline.comments.values()].sort((a, b) => a.seq - b.seq)) this.show(comment);
    for (const waiting of timeline.pending.values()) this.showPending(waiting);
    this.older.hidden = !timeline.more;
    if (wasAtEnd) this.#toEnd();
    else this.scroll.scrollTop = this.scroll.scrollHeight - fromEnd;
    this.#showEmpty();
  }

  show(comment) {
    const old = this.#rows.get(comment.id);
    if (old && $(".edit", old) && !comment.gone) return; // being edited here; drawn again afterwards
    const row = this.#row(comment);
    this.#place(comment.id, row, old, comment.fresh);
    if (comment.fresh) this.#trim();
  }

  showPending(waiting) {
    const notes = { sending: "sending…", saved: "saved, waiting for this node",
      failed: `not sent: ${waiting.why ?? ""}` };
    const row = this.#frame({ author: waiting.author, at: waiting.at, content: waiting.content });
    row.classList.add("pending");
    row.classList.toggle("failed", waiting.state === "failed");
    $(".seq", row).textContent = notes[waiting.state];
    if (waiting.state === "failed") {
      const button = (text, onclick) => element("button", { type: "button", className: "quiet", text, onclick });
      $(".actions", row).append(button("Try again", () => this.actions.resend(waiting)),
        button("Discard", () => this.actions.discard(waiting)));
    }
    this.#place(waiting.ref, row, this.#rows.get(waiting.ref), true);
  }

  drop(ref) {
    this.#rows.get(ref)?.remove();
    this.#rows.delete(ref);
    this.#showEmpty();
  }

  divider(text) {
    const follow = this.#atEnd();
    this.comments.append(element("li", { className: "divider", text }));
    if (follow) this.#toEnd();
    this.#showEmpty();
  }

  #place(key, row, old, atEnd) {
    const follow = this.#atEnd();
    this.#rows.set(key, row);
    if (old) {
      const focused = old.contains(document.activeElement);
      old.replaceWith(row);
      if (focused) this.scroll.focus({ preventScroll: true });
    } else {
      this.comments.append(row);
    }
    if (follow) this.#toEnd();
    else if (!old && atEnd) this.jump.hidden = false;
    this.#showEmpty();
  }

  #frame({ author, at, content }) {
    const row = $("#comment-template").content.firstElementChild.cloneNode(true);
    $(".avatar", row).replaceWith(avatar(author));
    $(".author", row).textContent = author;
    const time = $("time", row);
    const date = new Date(at);
    time.dateTime = date.toISOString();
    time.textContent = clock.format(date);
    time.title = calendar.format(date);
    $(".text", row).textContent = content;
    return row;
  }

  #row(comment) {
    const row = this.#frame(comment);
    row.dataset.id = comment.id;
    row.classList.toggle("new", Boolean(comment.fresh));
    row.classList.toggle("gone", comment.gone);
    if (comment.gone) $(".text", row).textContent = "This comment was deleted.";
    else if (comment.edited) $(".edited", row).textContent = "edited";
    const seq = comment.changedBy ? `#${comment.seq}, changed by #${comment.changedBy}` : `#${comment.seq}`;
    $(".seq", row).textContent = seq;
    $(".via", row).textContent = comment.via === "history" ? "from history" : `via ${comment.via}`;
    if (!comment.gone && comment.author === this.actions.user()) this.#addActions(row, comment);
    return row;
  }

  #addActions(row, comment) {
    const edit = element("button", { type: "button", className: "quiet", text: "Edit" });
    edit.setAttribute("aria-label", `Edit comment ${comment.seq}`);
    edit.onclick = () => this.#openEditor(row, comment);
    const remove = element("button", { type: "button", className: "quiet", text: "Delete" });
    remove.setAttribute("aria-label", `Delete comment ${comment.seq}`);
    remove.onclick = () => {
      if (remove.classList.contains("danger")) return this.actions.remove(comment);
      remove.classList.add("danger");
      remove.textContent = "Really delete";
      remove.setAttribute("aria-label", `Really delete comment ${comment.seq}`);
      remove.onblur = () => this.show(comment);
    };
    $(".actions", row).append(edit, remove);
  }

  #openEditor(row, comment) {
    const field = element("textarea", { value: comment.content, rows: 2 });
    field.setAttribute("aria-label", `New text of comment ${comment.seq}`);
    const close = () => { form.remove(); this.show(comment); };
    const form = element("form", { className: "edit" }, field, element("div", {},
      element("button", { type: "submit", className: "primary", text: "Save" }),
      element("button", { type: "button", className: "quiet", text: "Cancel", onclick: close })));
    form.onsubmit = async (event) => {
      event.preventDefault();
      if (await this.actions.edit(comment, field.value)) close();
    };
    form.onkeydown = (event) => {
      if (event.key === "Escape") close();
      if (event.key === "Enter" && !event.shiftKey && event.target === field && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    };
    $(".text", row).replaceWith(form);
    $(".actions", row).replaceChildren();
    field.focus();
  }

  #trim() {
    while (this.#rows.size > MAX_SHOWN && this.#atEnd()) {
      const [key, row] = this.#rows.entries().next().value;
      row.remove();
      this.#rows.delete(key);
      this.actions.forget(key);
    }
  }

  #showEmpty() {
    this.empty.hidden = this.#rows.size > 0 || this.comments.childElementCount > 0;
  }

  #atEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 40;
  }

  #toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.jump.hidden = true;
  }
}

// --------------------------------------------------------------------------------------------------- pane

/** One watcher of the conversation: a timeline, the link that feeds it and the view that shows it. */
class Pane {
  timeline = new Timeline();
  state = { kind: "connecting" };
  #via = "";
  #aheadSince = 0;
  #opening = 0;

  constructor(app, title, nodeName) {
    this.app = app;
    this.title = title;
    this.view = new PaneView(title, {
      user: () => app.identity.user,
      choose: (name) => this.choose(name),
      cut: () => this.cut(),
      older: () => this.older(),
      edit: (comment, content) => app.change(() => app.api.edit(comment.id, content)),
      remove: (comment) => app.change(() => app.api.remove(comment.id)),
      resend: (waiting) => app.post(waiting),
      discard: (waiting) => app.discard(waiting),
      forget: (id) => { this.timeline.comments.delete(id); this.timeline.more = true; this.view.older.hidden = false; },
    });
    this.link = new Link({
      cluster: app.cluster,
      identity: app.identity,
      position: () => this.timeline.position,
      path: () => `/v1/conversations/${encodeURIComponent(app.room)}/updates`,
      avoid: () => app.panes.find((pane) => pane !== this)?.link.nodeName,
      onFrame: (frame) => this.receive(frame),
      onState: (state) => this.become(state),
    }, nodeName);
  }

  /** Starts afresh: the newest page of history, then everything after it. */
  async open() {
    const turn = ++this.#opening;
    this.link.close();
    this.timeline = new Timeline();
    this.view.clear();
    this.become({ kind: "loading" });
    for (let attempt = 0; turn === this.#opening; attempt++) {
      const room = this.app.room;
      try {
        const page = await this.app.api.history(room);
        if (turn !== this.#opening) return;
        this.timeline.load(page, true);
        break;
      } catch (error) {
        if (turn !== this.#opening) return;
        if (!RETRIED.has(error.status)) return this.become({ kind: "refused", why: error.message });
        if (error.status === 0) break; // our own node is gone; the log on another one holds everything
        const wait = Math.min(500 * 2 ** attempt, BACKOFF_MS.most);
        this.become({ kind: "waiting", until: Date.now() + wait });
        await pause(wait);
      }
    }
    if (turn !== this.#opening) return;
    this.app.saw(this.timeline.seq);
    this.view.showAll(this.timeline);
    this.view.showPosition(this.timeline);
    this.link.connect();
  }

  receive({ type, payload }) {
    if (type === "watching") return this.#watching(payload);
    if (type === "reset") return this.#reset();
    if (type === "updates-missed") return this.#missed(payload);
    if (type === "presence-changed") return this.app.aboutRoom.present(payload);
    if (type in CONVERSATION_CHANGES) return this.#roomChanged(type, payload);
    if (!["comment-added", "comment-updated", "comment-deleted"].includes(type)) return; // newer than this page
    const comment = this.timeline.apply({ type, payload }, this.#via);
    if (payload.clientRef && !this.timeline.pending.has(payload.clientRef)) this.view.drop(payload.clientRef);
    if (comment) {
      this.view.show(comment);
      comment.fresh = false;
      for (const waiting of this.timeline.pending.values()) this.view.showPending(waiting);
    }
    this.view.showPosition(this.timeline);
    this.view.showLast(`#${payload.seq} ${type.slice("comment-".length)}, via ${this.#via}`);
    this.app.saw(payload.seq, type === "comment-added" ? payload : null, this);
    this.#settle();
  }

  /** Members come and go, title or visibility change: a line between the comments. */
  #roomChanged(type, payload) {
    if (!(payload.seq > this.timeline.seq)) return; // seen
    this.timeline.seq = payload.seq;
    this.view.divider(CONVERSATION_CHANGES[type](payload));
    this.view.showPosition(this.timeline);
    this.view.showLast(`#${payload.seq} ${type}, via ${this.#via}`);
    this.app.saw(payload.seq);
    this.app.aboutRoom.refresh();
    this.#settle();
  }

  #watching({ cursor, node }) {
    this.#via = node;
    const [epoch] = String(cursor).split(":");
    if (!this.timeline.epoch && String(cursor).includes(":")) this.timeline.epoch = epoch;
    this.view.showLast(`watching through ${node} after #${this.timeline.seq}`);
    this.app.aboutRoom.refresh();
    this.#settle();
  }

  #reset() {
    this.app.knownHead = 0;
    this.open().then(() => this.view.divider("The log was replaced. The history was loaded again."));
  }

  #missed({ fromSeq, toSeq }) {
    this.timeline.seq = Math.max(this.timeline.seq, toSeq);
    this.view.divider(`Updates #${fromSeq} to #${toSeq} were skipped.`);
    this.#settle();
  }

  /** Live, or still behind what some pane has seen. */
  #settle() {
    const behind = this.app.knownHead - this.timeline.seq;
    if (behind > 0 && this.state.kind !== "live") this.become({ kind: "catching-up", behind });
    else this.become({ kind: "live" });
  }

  become(state) {
    const changed = state.kind !== this.state.kind;
    this.state = state;
    this.#aheadSince = 0;
    this.view.showState(state);
    if (!changed) return;
    this.view.showNodes(this.app.cluster.nodes, this.link.nodeName);
    if (state.kind === "live") this.app.announce(`${this.title} is live through ${this.#via}.`);
    if (state.kind === "waiting") this.app.announce(`${this.title} lost its node and reconnects.`);
    if (state.kind === "refused") this.app.askForSignIn(state.why);
  }

  /** Runs every quarter of a second: shows the countdown, and abandons a link that only seems alive. */
  tick() {
    if (this.state.kind === "waiting") this.view.showState(this.state);
    if (this.state.kind !== "live" && this.state.kind !== "catching-up") return;
    if (this.app.knownHead <= this.timeline.seq) this.#aheadSince = 0;
    else if (!this.#aheadSince) this.#aheadSince = Date.now();
    else if (Date.now() - this.#aheadSince > STALL_MS) this.link.abandon();
  }

  choose(nodeName) {
    this.link.nodeName = nodeName;
    this.reconnect();
  }

  cut() {
    if (this.state.kind === "offline") return this.timeline.epoch ? this.link.connect() : this.open();
    this.#opening += 1;
    this.link.close();
    this.become({ kind: "offline" });
  }

  reconnect() {
    if (this.state.kind === "refused") this.open();
    else if (this.state.kind !== "offline" && this.state.kind !== "loading") this.link.connect();
  }

  async older() {
    const first = Math.min(...[...this.timeline.comments.values()].map((comment) => comment.seq));
    const timeline = this.timeline;
    await this.app.change(async () => {
      const page = await this.app.api.history(this.app.room, first);
      if (timeline === this.timeline) timeline.load(page, false);
    });
    this.view.showAll(this.timeline);
  }
}

// ---------------------------------------------------------------------------------------------------- app

class App {
  identity = new Identity();
  api = new Api(this.identity);
  cluster = new Cluster(this.api);
  aboutRoom = new Room(this);
  bell = new Bell(this);
  room = "";
  knownHead = 0; // the highest seq of this conversation that anything here has seen
  panes = [];
  #rooms = new Map(); // key -> {headSeq, title, visibility, ...}

  async start() {
    await this.cluster.refresh();
    const names = this.#firstNodes();
    this.panes = ["Watcher A", "Watcher B"].map((title, index) => new Pane(this, title, names[index]));
    $("#panes").append(...this.panes.map((pane) => pane.view.root));
    this.#listen();
    this.#showCluster();
    this.open(this.#roomOfUrl());
    this.bell.open();
    setInterval(() => this.panes.forEach((pane) => pane.tick()), 250);
    setInterval(() => { if (!document.hidden) this.cluster.refresh(); }, 5_000);
    setInterval(() => { if (!document.hidden) this.listRooms(); }, 15_000);
  }

  /** One pane watches through the node of this page, the other pane through another node. */
  #firstNodes() {
    const own = this.cluster.nodes.find((node) => node.own) ?? this.cluster.nodes[0];
    return [own.name, this.cluster.after(own.name, own.name)];
  }

  #roomOfUrl() {
    try {
      return decodeURIComponent(location.hash.slice(1)) || "lobby";
    } catch {
      return "lobby";
    }
  }

  #listen() {
    this.cluster.addEventListener("change", () => this.#showCluster());
    window.addEventListener("hashchange", () => this.open(this.#roomOfUrl()));
    $("#open-room").onsubmit = (event) => {
      event.preventDefault();
      const field = $("#room-key");
      if (field.value) location.hash = encodeURIComponent(field.value);
      field.value = "";
    };
    $("#sign-in").onsubmit = (event) => event.preventDefault();
    $("#composer").onsubmit = (event) => { event.preventDefault(); this.#compose(); };
    const content = $("#content");
    content.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#compose();
    };
    content.oninput = () => { content.rows = Math.min(6, content.value.split("\n").length); };
    this.identity.userField.onchange = () => this.#identityChanged();
    this.identity.tokenField.onchange = () => { $(".identity").open = false; this.#identityChanged(); };
  }

  /** Another user sends and watches from now on. */
  #identityChanged() {
    $("#problem").textContent = this.identity.problem();
    this.identity.userField.disabled = Boolean(this.identity.tokenField.value.trim());
    for (const pane of this.panes) {
      pane.reconnect();
      pane.view.showAll(pane.timeline);
    }
    this.aboutRoom.refresh();
    this.bell.open();
    this.listRooms();
  }

  open(room) {
    if (room === this.room) return;
    this.room = room;
    this.knownHead = 0;
    document.title = `${room} · danwa`;
    $("#problem").textContent = "";
    this.aboutRoom.open(room);
    for (const pane of this.panes) pane.open();
    this.listRooms();
  }

  async listRooms() {
    const answer = await this.api.conversations().catch(() => null);
    if (answer) {
      this.#rooms = new Map(answer.conversations.map((entry) => [entry.conversationKey, entry]));
    }
    this.#showRooms();
  }

  #showRooms() {
    const rooms = this.#rooms.has(this.room) ? this.#rooms : new Map([[this.room, {}], ...this.#rooms]);
    $("#rooms").replaceChildren(...[...rooms].map(([key, { headSeq = 0, title, visibility }]) => {
      const head = key === this.room ? Math.max(this.knownHead, headSeq) : headSeq;
      const button = element("button", { type: "button", className: "room", title: key },
        element("span", { className: "room-key", text: title ?? key }),
        element("span", { className: "room-lock", text: visibility === "private" ? "private" : "" }),
        element("span", { className: "room-head", text: head }));
      button.setAttribute("aria-current", String(key === this.room));
      button.onclick = () => { location.hash = encodeURIComponent(key); };
      return element("li", {}, button);
    }));
  }

  #showCluster() {
    $("#cluster").replaceChildren(...this.cluster.nodes.map((node) => {
      const note = [node.up ? "" : "down", node.own ? "this page" : ""].filter(Boolean).join(", ");
      const item = element("li", { className: "member" }, element("span", { className: "dot" }),
        element("span", { text: node.name }), element("span", { className: "member-note", text: note }));
      item.dataset.up = node.up ? "yes" : "no";
      item.title = node.host;
      return item;
    }));
    for (const pane of this.panes) pane.view.showNodes(this.cluster.nodes, pane.link.nodeName);
  }

  /** Notes that the log has `seq`. `added` is the payload of a new comment that `pane` saw first. */
  saw(seq, added, pane) {
    if (seq <= this.knownHead) return;
    this.knownHead = seq;
    if (added && pane.state.kind === "live" && added.authorId !== this.identity.user && !added.redacted) {
      this.announce(`${added.authorId}: ${added.commentContent}`);
    }
    const shown = $('.room[aria-current="true"] .room-head');
    if (shown) shown.textContent = seq;
  }

  askForSignIn(why) {
    $("#problem").textContent = why;
    $(".identity").open = true;
  }

  announce(text) {
    $("#announcer").textContent = text;
  }

  #compose() {
    const field = $("#content");
    const problem = this.identity.problem() || (field.value.trim() ? "" : "Write something first.");
    $("#problem").textContent = problem;
    if (problem) return;
    const ref = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    const waiting = { ref, room: this.room, author: this.identity.user, content: field.value, at: Date.now() };
    field.value = "";
    field.rows = 1;
    this.post(waiting);
  }

  /** Shows the comment at once in both panes, then its outcome. */
  async post(waiting) {
    this.#showWaiting(waiting, { state: "sending" });
    try {
      const saved = await this.api.send(waiting.room, waiting.content, waiting.ref);
      $("#problem").textContent = "";
      if (waiting.room !== this.room) return;
      this.saw(saved.seq);
      this.#showWaiting(waiting, { state: "saved", id: saved.id });
    } catch (error) {
      $("#problem").textContent = error.message;
      this.#showWaiting(waiting, { state: "failed", why: error.message });
    }
  }

  #showWaiting(waiting, change) {
    Object.assign(waiting, change);
    if (waiting.room !== this.room) return;
    for (const pane of this.panes) {
      const started = change.state === "sending";
      const there = waiting.id && pane.timeline.comments.has(waiting.id);
      if (there || (!started && !pane.timeline.pending.has(waiting.ref))) continue; // its update was faster
      pane.timeline.pending.set(waiting.ref, waiting);
      pane.view.showPending(waiting);
    }
  }

  discard(waiting) {
    for (const pane of this.panes) {
      pane.timeline.pending.delete(waiting.ref);
      pane.view.drop(waiting.ref);
    }
  }

  /** Runs a request of the user and shows the reason of a failure. */
  async change(request) {
    try {
      await request();
      $("#problem").textContent = "";
      return true;
    } catch (error) {
      $("#problem").textContent = error.message;
      return false;
    }
  }
}

new App().start();
