// The frame of a conversation: title and visibility, members, and the people who watch it now.

import { $, avatar, element } from "./dom.js";

const SHOWN = 8; // faces of present people

export class Room {
  key = "";
  #about = null; // GET /v1/conversations/{key}
  #turn = 0;

  /** app: {api, identity, change(request), listRooms()} */
  constructor(app) {
    this.app = app;
    $("#join").onclick = () => this.#change(() => app.api.join(this.key, app.identity.user));
    $("#leave").onclick = () => this.#change(() => app.api.leave(this.key, app.identity.user));
    $("#invite").onsubmit = (event) => {
      event.preventDefault();
      const field = $("#invitee");
      const user = field.value.trim();
      field.value = "";
      if (user) this.#change(() => app.api.join(this.key, user));
    };
    $("#settings").onsubmit = (event) => {
      event.preventDefault();
      const title = $("#title-field").value.trim() || null;
      const visibility = $("#private").checked ? "private" : "open";
      this.#change(() => app.api.configure(this.key, { title, visibility }));
    };
  }

  open(key) {
    this.key = key;
    this.#about = null;
    this.#show([]);
    this.present({ count: 0, users: [] });
    this.refresh();
  }

  /** Reads everything again: after a change by any user, and after another user signed in. */
  async refresh() {
    const turn = ++this.#turn;
    const { api } = this.app;
    const answers = await Promise.allSettled([api.conversation(this.key), api.members(this.key), api.presence(this.key)]);
    if (turn !== this.#turn) return; // another conversation, or a later reading
    const [about, members, presence] = answers.map(({ value }) => value);
    this.#about = about ?? null;
    this.#show(members?.members ?? []);
    if (presence) this.present(presence);
  }

  /** Shows the whole state of presence, as it is in the frames and in the resource. */
  present({ conversationKey, count, users }) {
    if (conversationKey !== undefined && conversationKey !== this.key) return;
    const faces = users.slice(0, SHOWN).map((user) => element("li", {}, avatar(user),
      element("span", { className: "hidden", text: user })));
    if (count > faces.length) faces.push(element("li", { className: "more", text: `+${count - faces.length}` }));
    $("#present").replaceChildren(...faces);
    $("#present-count").textContent = count === 1 ? "1 person here" : `${count} people here`;
  }

  async #change(request) {
    if (await this.app.change(request)) {
      this.refresh();
      this.app.listRooms();
    }
  }

  #show(members) {
    const { title, visibility, role } = this.#about ?? {};
    const member = members.some(({ userId }) => userId === this.app.identity.user);
    $("#room-title").textContent = title ?? this.key;
    $("#room-kind").textContent = visibility === "private" ? "private" : "";
    $("#join").hidden = member;
    $("#leave").hidden = !member;
    $("#member-count").textContent = members.length === 1 ? "1 member" : `${members.length} members`;
    $("#members").replaceChildren(...members.map((entry) => this.#row(entry, role)));
    if (!$("#settings").contains(document.activeElement)) {
      $("#title-field").value = title ?? "";
      $("#private").checked = visibility === "private";
    }
  }

  #row({ userId, role }, ownRole) {
    const row = element("li", {}, avatar(userId), element("span", { className: "member-name", text: userId }),
      element("span", { className: "member-note", text: role === "owner" ? "owner" : "" }));
    if (ownRole === "owner" && userId !== this.app.identity.user) {
      const remove = element("button", { type: "button", className: "quiet", text: "Remove" });
      remove.setAttribute("aria-label", `Remove ${userId} from this conversation`);
      remove.onclick = () => this.#change(() => this.app.api.leave(this.key, userId));
      row.append(remove);
    }
    return row;
  }
}
