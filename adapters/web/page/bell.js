// Notifications to the user, to their stores and to their company.

import { $, avatar, element } from "./dom.js";
import { Link } from "./link.js";

const MAX_SHOWN = 100;
const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short" });

export class Bell {
  #cursor = "0"; // from the start of every inbox
  #unread = 0;

  /** app: {api, cluster, identity, change(request), announce(text)} */
  constructor(app) {
    this.app = app;
    this.link = new Link({
      cluster: app.cluster,
      identity: app.identity,
      position: () => this.#cursor,
      path: () => "/v1/notifications/updates",
      avoid: () => undefined,
      onFrame: (frame) => this.#receive(frame),
      onState: ({ kind }) => { $("#bell").dataset.kind = kind; },
    }, app.cluster.nodes[0].name);
    $("#bell").ontoggle = () => { if ($("#bell").open) this.#count(0); };
    $("#notify").onsubmit = async (event) => {
      event.preventDefault();
      const [user, text] = [$("#notify-user"), $("#notify-text")];
      if (await app.change(() => app.api.notify(user.value.trim(), text.value))) text.value = "";
    };
  }

  /** Starts again, for the present user. */
  open() {
    this.link.close();
    this.#cursor = "0";
    $("#notifications").replaceChildren();
    this.#count(0);
    if (!this.app.identity.problem()) this.link.connect();
  }

  #receive({ type, payload }) {
    if (type === "watching") this.#cursor = payload.cursor;
    if (type === "reset") this.open();
    if (type !== "notification") return;
    this.#advance(payload);
    const row = element("li", {}, avatar(payload.senderId), element("div", {},
      element("p", { className: "by" }, element("b", { text: payload.senderId }), ` to ${this.#name(payload.to)} `,
        element("time", { dateTime: payload.occurredAt, text: clock.format(new Date(payload.occurredAt)) })),
      element("p", { className: "text", text: payload.text })));
    $("#notifications").prepend(row);
    while ($("#notifications").childElementCount > MAX_SHOWN) $("#notifications").lastElementChild.remove();
    if (!$("#bell").open) this.#count(this.#unread + 1);
    this.app.announce(`Notification from ${payload.senderId}: ${payload.text}`);
  }

  /** Sets the number of the inbox `channel` in the cursor of all inboxes: `<epoch>:<channel>=<seq>,...`. */
  #advance({ channel, seq }) {
    const colon = this.#cursor.indexOf(":");
    const places = new Map(this.#cursor.slice(colon + 1).split(",").filter(Boolean).map((entry) => {
      const equals = entry.lastIndexOf("=");
      return [entry.slice(0, equals), entry.slice(equals + 1)];
    }));
    places.set(channel, seq);
    this.#cursor = `${this.#cursor.slice(0, colon)}:${[...places].map((entry) => entry.join("=")).join(",")}`;
  }

  #name(to) {
    const [[kind, id]] = Object.entries(to);
    return kind === "user" ? (id === this.app.identity.user ? "you" : id) : `${kind} ${id}`;
  }

  #count(unread) {
    this.#unread = unread;
    $("#unread").textContent = unread ? String(unread) : "";
    $("#bell summary").setAttribute("aria-label", unread ? `Notifications, ${unread} unread` : "Notifications");
  }
}
