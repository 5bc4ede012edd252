// The wizard: one page, four steps.  What counts is on the server; the
// address says which step is shown, so that a reload finds the same place.
import { call } from "./api.js";
import { ask } from "./ask.js";
import { connections } from "./connect.js";
import { $, put } from "./dom.js";
import { begin, title } from "./frame.js";
import { askCode, fail, go, isCode, preview, refused, request, turn, w,
	working } from "./setup-core.js";
import { takeFiles } from "./setup-file.js";
import { save, test, toSave } from "./setup-finish.js";
import { origin, showInside } from "./setup-inside.js";
import { showLeft } from "./setup-left.js";
import { showSave } from "./setup-save.js";
import * as store from "./setup-store.js";
import { showSteps, steps } from "./setup-steps.js";
import { cancel, checked, forget, poll, showWay, take, takeLeft }
	from "./setup-upload.js";
import { text } from "./strings/index.js";
import { explain, showTrouble } from "./trouble.js";

const views = ["loading", "stopped", "configured", "code", "progress",
	...steps];

const connect = connections($("services"), {
	changed: () => store.keepDraft(connect.draft()),
	verify: (values) => request("POST", "verify", values),
});

// The step that the address asks for, as far as one may go.
function wanted() {
	const step = location.hash.slice(1) || "inside";
	if (!steps.includes(step) || step === "start" ||
	    !(w.mode === "fresh" || preview()))
		return "start";
	if ((step === "inside" && !preview()) ||
	    (step === "save" && connect.lost().length))
		return "connections";
	return step;
}

function showStart() {
	const ready = w.restore.state === "ready";
	$("start-ready").hidden = !ready;
	if (ready)
		put($("start-ready-origin"), origin(w.restore.preview));
	$("start-pending").hidden = w.restore.state !== "pending";
	$("choice-restore").hidden = w.restore.state === "pending";
	// One offer at a time.
	showLeft(ready || w.restore.state === "pending" ? [] :
		w.defaults.backups || [],
	(name, button) => working(button, () => takeLeft(name)));
}

function show() {
	for (const name of views)
		$(name).hidden = name !== w.view;
	showSteps(w.view, w.mode === "fresh");
	showTrouble($("trouble"), w.trouble && w.trouble());
	if (w.view === "start")
		showStart();
	else if (w.view === "inside")
		showInside(w.restore.preview);
	else if (w.view === "save")
		showSave(preview(), connect.values(), connect.outcome());
	else if (w.view === "progress")
		showWay();
	if (w.view === "connections")
		showRecap();
	connect.show();
	title(text.titles[w.view] ? `${text.titles[w.view]} · ${text.setup.title}` :
		text.setup.title);
}

function showRecap() {
	$("recap").hidden = !preview();
	if (preview())
		put($("recap-origin"), origin(preview()));
}

async function fresh() {
	if (w.restore.state === "ready" || w.restore.state === "failed") {
		const sure = w.restore.state === "failed" || await ask({
			title: text.start.forgetTitle,
			lines: [text.start.forgetText],
			yes: text.start.forgetYes, no: text.start.forgetNo,
		});
		if (!sure || !await forget())
			return;
	}
	w.mode = "fresh";
	store.keepMode(w.mode);
	fillFields();
	go("connections");
}

function fillFields() {
	connect.load(w.defaults, preview()?.config || null, store.draft());
}

// Ask the server how far things are, and show that.
async function look() {
	const status = await call("GET", "/api/system/status");
	if (!status.ok) {
		turn("stopped");
		fail(() => explain(status, text.setup.unchanged));
		return;
	}
	if (status.body.configured) {
		store.forgetAll();
		turn("configured");
		return;
	}
	if (status.body.setupCodeRequired && !w.code) {
		askCode(null);
		return;
	}
	await enter();
}

async function enter() {
	const [given, staged] = await Promise.all([
		request("GET", "setup-defaults"), request("GET", "restore")]);
	const bad = [given, staged].find((answer) => !answer.ok);
	if (bad) {
		if (bad.status !== 401 && !isCode(bad))
			turn("stopped");
		refused(bad, text.setup.unchanged);
		return;
	}
	w.defaults = given.body;
	w.restore = staged.body;
	w.trouble = null;
	if (!w.mode && w.restore.state === "ready")
		w.mode = "restore";
	fillFields();
	if (w.restore.state === "checking") {
		turn("progress");
		poll();
	} else if (w.restore.state === "failed" && wanted() === "start") {
		checked();
	} else {
		turn(wanted());
	}
}

function listen() {
	const on = (id, task) => $(id).addEventListener("click", task);
	$("code").addEventListener("submit", (event) => {
		event.preventDefault();
		w.code = $("code-input").value.trim();
		$("code-input").removeAttribute("aria-invalid");
		if (!w.code)
			return;
		store.keepCode(w.code);
		working($("code-send"), enter);
	});
	takeFiles({ input: $("file"), target: $("choice-restore"),
		active: () => w.view === "start" &&
			w.restore.state !== "pending", taken: take });
	on("fresh", fresh);
	on("progress-cancel", cancel);
	on("start-go", () => {
		w.mode = "restore";
		store.keepMode(w.mode);
		go("inside");
	});
	on("inside-next", () => {
		fillFields();
		go("connections");
	});
	on("inside-other", async () => {
		if (await forget())
			go("start");
	});
	on("inside-accept", show);
	on("test", () => working($("test"), () => test(connect)));
	on("connections-next", () => working($("connections-next"), () => toSave(connect)));
	on("connections-back", () => go(preview() ? "inside" : "start"));
	on("save-send", () => working($("save-send"), () => save(connect)));
	on("save-back", () => go("connections"));
	on("again", () => working($("again"), look));
	addEventListener("popstate", () => {
		if (steps.includes(w.view)) {
			w.trouble = null;
			turn(wanted());
		}
	});
	addEventListener("beforeunload", (event) => {
		if (w.sending)
			event.preventDefault();
	});
}

w.show = show;
w.look = look;
w.code = store.setupCode();
begin(show);
listen();
look();
