// Addresses and keys, for administrators.
import { call } from "./api.js";
import { ask } from "./ask.js";
import { connections } from "./connect.js";
import { $, focusOn } from "./dom.js";
import { begin, notice, title } from "./frame.js";
import { doubt, isOther, otherServer } from "./doubt.js";
import { text } from "./strings/index.js";
import { explain, showTrouble } from "./trouble.js";

const CONFIG = "/api/system/config-editor";

let view = "loading";	// or "editor", "denied"
let trouble = null;
let busy = false;

const connect = connections($("services"), {
	changed: () => {},
	verify: (body) => call("POST", "/api/system/verify", { body }),
});

function show() {
	for (const name of ["loading", "editor", "denied"])
		$(name).hidden = name !== view;
	showTrouble($("trouble"), trouble && trouble());
	connect.show();
	title(text.settings.title);
}

function fail(answer) {
	if (answer.status === 401) {
		location.replace("/login.html#expired");
		return;
	}
	if (answer.status === 403) {
		view = "denied";
		show();
		focusOn($("denied").querySelector("h2"));
		return;
	}
	trouble = () => explain(answer, text.settings.notSaved);
	show();
	focusOn($("trouble"));
}

async function load() {
	const answer = await call("GET", CONFIG);
	if (!answer.ok) {
		fail(answer);
		return;
	}
	connect.load(answer.body, null, null, "saved");
	view = "editor";
	show();
}

async function test() {
	const answer = await connect.test();
	if (!answer.stopped && !answer.ok && answer.status !== 422)
		fail(answer);
}

// newServer: somebody said that another Jellyfin than so far is theirs.
async function send(newServer) {
	const answer = await call("PUT", CONFIG, { body: {
		...connect.values(), ...(newServer ? { newServer } : {}) } });
	if (answer.status === 422 && answer.field) {
		if (await connect.refused(answer))
			await send(newServer);
		return;
	}
	if (answer.code === "jellyfin_changed" && !newServer) {
		if (await ask(otherServer()))
			await send(true);
		return;
	}
	if (!answer.ok) {
		fail(answer);
		return;
	}
	await load();
	notice(text.settings.saved);
}

async function save() {
	if (!connect.complete() || !await connect.settleKey())
		return;
	const question = doubt(connect.outcome(), true);
	if (question && !await ask(question))
		return;
	await send(isOther(connect.outcome()));
}

async function working(id, task) {
	if (busy)
		return;
	busy = true;
	trouble = null;
	$(id).setAttribute("aria-busy", "true");
	show();
	try {
		await task();
	} finally {
		busy = false;
		$(id).removeAttribute("aria-busy");
	}
}

begin(show);
$("test").addEventListener("click", () => working("test", test));
$("send").addEventListener("click", () => working("send", save));
load();
