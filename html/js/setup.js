// The wizard: one page, four steps.  What counts is on the server; the
// address says which step is shown, so that a reload finds the same place.
import { call } from "./api.js";
import { ask } from "./ask.js";
import { connections } from "./connect.js";
import { $, focusOn, put } from "./dom.js";
import { doubt } from "./doubt.js";
import { begin, title } from "./frame.js";
import { sendFile, showProgress, takeFiles, unfit } from "./setup-file.js";
import { needsOwner, origin, showInside } from "./setup-inside.js";
import { showSave } from "./setup-save.js";
import * as store from "./setup-store.js";
import { showSteps, steps } from "./setup-steps.js";
import { text } from "./strings/index.js";
import { explain, showTrouble } from "./trouble.js";

const POLL_MS = 400;
const views = ["loading", "stopped", "configured", "code", "progress",
	...steps];

let view = "loading";
let code = "";
let defaults = {};
let restore = { state: "none" };
let mode = store.mode();
let sending = null;	// {name, size, sent, cancel} while a file is sent
let trouble = null;	// a function, so that it speaks each language
let busy = false;

const request = (method, path, body) =>
	call(method, `/api/system/${path}`, { body, code });

const connect = connections($("services"), {
	changed: () => store.keepDraft(connect.draft()),
	verify: (values) => request("POST", "verify", values),
});

function preview() {
	return mode === "restore" && restore.state === "ready" ?
		restore.preview : null;
}

// The step that the address asks for, as far as one may go.
function wanted() {
	const step = location.hash.slice(1) || "inside";
	if (!steps.includes(step) || step === "start" ||
	    !(mode === "fresh" || preview()))
		return "start";
	if ((step === "inside" && !preview()) ||
	    (step === "save" && connect.lost().length))
		return "connections";
	return step;
}

function showStart() {
	const ready = restore.state === "ready";
	$("start-ready").hidden = !ready;
	if (ready)
		put($("start-ready-origin"), origin(restore.preview));
	$("start-pending").hidden = restore.state !== "pending";
}

function show() {
	for (const name of views)
		$(name).hidden = name !== view;
	showSteps(view, mode === "fresh");
	showTrouble($("trouble"), trouble && trouble());
	if (view === "start")
		showStart();
	else if (view === "inside")
		showInside(restore.preview);
	else if (view === "save")
		showSave(preview(), connect.values(), connect.outcome());
	else if (view === "progress")
		showWay();
	if (view === "connections")
		showRecap();
	connect.show();
	title(text.titles[view] ? `${text.titles[view]} · ${text.setup.title}` :
		text.setup.title);
}

function showRecap() {
	$("recap").hidden = !preview();
	if (preview())
		put($("recap-origin"), origin(preview()));
}

function showWay() {
	if (sending)
		showProgress({ stage: sending.sent < sending.size ? "sending" :
			"arrived", name: sending.name, done: sending.sent,
		total: sending.size });
	else
		showProgress({ stage: "checking", done: restore.done || 0,
			total: restore.total || 0 });
}

// Show another view, with the focus at its beginning; when the page has just
// come that is the browser's own affair.
function turn(next) {
	const first = view === "loading";
	view = next;
	show();
	if (first)
		return;
	const head = $(next).querySelector("h2");
	scrollTo(0, 0);
	if (head)
		focusOn(head);
}

function go(step) {
	trouble = null;
	if (location.hash !== `#${step}`)
		history.pushState(null, "", `#${step}`);
	turn(step);
}

function fail(explained) {
	trouble = explained;
	show();
	focusOn($("trouble"));
}

const isCode = (answer) => /^setup_code_/.test(answer.code);

// An answer that means the same in every step.  Returns whether it was one.
function refused(answer, data) {
	if (answer.ok)
		return false;
	if (isCode(answer)) {
		askCode(code ? () => explain(answer) : null);
		return true;
	}
	// Set up by someone else meanwhile.
	if (answer.status === 401) {
		look();
		return true;
	}
	fail(() => explain(answer, data));
	return true;
}

function askCode(why) {
	trouble = why;
	turn("code");
	if (why)
		$("code-input").setAttribute("aria-invalid", "true");
	$("code-input").focus();
}

async function poll() {
	while (restore.state === "checking" && !sending) {
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
		const answer = await request("GET", "restore");
		if (restore.state !== "checking" || sending)
			return;
		if (answer.ok) {
			restore = answer.body;
			trouble = null;
		} else if (answer.status === 401 || isCode(answer)) {
			refused(answer);
			return;
		} else {
			// It goes on by itself when the server is back.
			trouble = () => ({ ...explain(answer),
				data: text.start.checkGoesOn });
		}
		show();
	}
	if (restore.state === "checking")
		return;
	if (restore.state === "ready")
		go("inside");
	else
		checked();
}

// The check ended without an archive to show.
function checked() {
	turn("start");
	if (restore.state === "failed")
		fail(brokenFile);
}

function brokenFile() {
	const error = restore.error;
	const parts = error && typeof error === "object" ? error :
		{ error };
	return { ...explain({
		code: parts.code, place: parts.where,
		error: parts.error || parts.message || text.start.unreadable,
	}, text.start.nothingChanged), act: text.start.brokenDo };
}

// A server that refuses a file while it is sent may close the line before
// its answer is read; then it still answers others.
async function whyCut(answer) {
	if (answer.status !== 0)
		return answer;
	const status = await call("GET", "/api/system/status");
	return status.ok ? { ...answer, code: "upload_cut" } : answer;
}

async function take(file) {
	const why = await unfit(file);
	if (why) {
		fail(() => ({ ...text.start.unfit[why],
			data: text.start.nothingChanged,
			details: file.name }));
		return;
	}
	trouble = null;
	mode = "restore";
	store.keepMode(mode);
	const transfer = sendFile(file, code, (sent) => {
		sending.sent = Math.min(sent, file.size);
		show();
	});
	sending = { name: file.name, size: file.size, sent: 0,
		cancel: transfer.cancel };
	turn("progress");
	const answer = await transfer.done;
	sending = null;
	if (answer.cancelled || !answer.ok) {
		turn("start");
		if (!answer.cancelled)
			refused(await whyCut(answer), text.start.nothingChanged);
		return;
	}
	restore = { ...answer.body, state: answer.body.state || "checking" };
	show();
	poll();
}

async function cancel() {
	if (sending) {
		sending.cancel();
		return;
	}
	restore = { state: "none" };
	const answer = await request("DELETE", "restore");
	turn("start");
	refused(answer, text.start.nothingChanged);
}

// Forget the file on the server, and begin again.
async function forget() {
	const answer = await request("DELETE", "restore");
	if (refused(answer, text.start.nothingChanged))
		return false;
	restore = { state: "none" };
	mode = "";
	store.keepMode(mode);
	// What was known from the backup is not known any more.
	const given = await request("GET", "setup-defaults");
	defaults = given.ok ? given.body : {};
	return true;
}

async function fresh() {
	if (restore.state === "ready" || restore.state === "failed") {
		const sure = restore.state === "failed" || await ask({
			title: text.start.forgetTitle,
			lines: [text.start.forgetText],
			yes: text.start.forgetYes, no: text.start.forgetNo,
		});
		if (!sure || !await forget())
			return;
	}
	mode = "fresh";
	store.keepMode(mode);
	fillFields();
	go("connections");
}

function fillFields() {
	connect.load(defaults, preview()?.config || null, store.draft());
}

async function working(button, task) {
	if (busy)
		return;
	busy = true;
	button.setAttribute("aria-busy", "true");
	trouble = null;
	show();
	try {
		await task();
	} finally {
		busy = false;
		button.removeAttribute("aria-busy");
	}
}

async function test() {
	const answer = await connect.test();
	if (!answer.stopped && !answer.ok && answer.status !== 422)
		refused(answer, text.connect.nothingSaved);
	return answer.ok;
}

// On to the last step; what was not tested is tested first, and what is
// wrong is shown once before one may pass it.
let passed = "";
async function toSave() {
	const open = () => Object.values(connect.outcome())
		.some((one) => one.kind === "wait");
	if (!connect.complete() || !await connect.settleKey())
		return;
	if (open() && !await test())
		return;
	const bad = Object.entries(connect.outcome())
		.filter(([, one]) => one.kind === "bad").map(([name]) => name);
	if (bad.length && passed !== bad.join()) {
		passed = bad.join();
		focusOn($(`result-${bad[0]}`));
		return;
	}
	go("save");
}

function ownerIsMissing() {
	const needed = preview() && needsOwner(preview());
	const missing = needed && !$("owner").value.trim();
	$("owner-error").hidden = !missing;
	if (missing) {
		$("owner").setAttribute("aria-invalid", "true");
		$("owner").focus();
	}
	return missing;
}

function setupBody() {
	const body = connect.values();
	if (preview()) {
		body.restore = true;
		if (needsOwner(preview()))
			body.assignTo = $("owner").value.trim();
	}
	return body;
}

async function save() {
	if (!connect.complete()) {
		go("connections");
		connect.complete();
		return;
	}
	if (ownerIsMissing())
		return;
	const question = doubt(connect.outcome());
	if (question && !await ask(question))
		return;
	await send();
}

async function send() {
	const answer = await request("POST", "setup", setupBody());
	if (answer.ok) {
		const back = preview() ? "#restored" : "#ready";
		store.forgetAll();
		location.replace(`/login.html${back}`);
		return;
	}
	if (answer.code === "nothing_staged") {
		restore = { state: "none" };
		go("start");
		fail(() => explain(answer));
		return;
	}
	if (answer.status === 409) {
		store.forgetAll();
		turn("configured");
		fail(() => ({ ...text.errors.already_configured,
			details: explain(answer).details }));
		return;
	}
	if (answer.status === 422 && answer.field === "assignTo") {
		fail(() => explain(answer, text.save.notSaved));
		return;
	}
	if (answer.status === 422 && answer.field) {
		go("connections");
		if (await connect.refused(answer))
			await save();
		return;
	}
	refused(answer, answer.status && answer.status < 500 ?
		text.save.notSaved : text.save.unknown);
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
	if (status.body.setupCodeRequired && !code) {
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
	defaults = given.body;
	restore = staged.body;
	trouble = null;
	if (!mode && restore.state === "ready")
		mode = "restore";
	fillFields();
	if (restore.state === "checking") {
		turn("progress");
		poll();
	} else if (restore.state === "failed" && wanted() === "start") {
		checked();
	} else {
		turn(wanted());
	}
}

function listen() {
	const on = (id, task) => $(id).addEventListener("click", task);
	$("code").addEventListener("submit", (event) => {
		event.preventDefault();
		code = $("code-input").value.trim();
		$("code-input").removeAttribute("aria-invalid");
		if (!code)
			return;
		store.keepCode(code);
		working($("code-send"), enter);
	});
	takeFiles({ input: $("file"), target: $("choice-restore"),
		active: () => view === "start", taken: take });
	on("fresh", fresh);
	on("progress-cancel", cancel);
	on("start-go", () => {
		mode = "restore";
		store.keepMode(mode);
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
	on("test", () => working($("test"), test));
	on("connections-next", () => working($("connections-next"), toSave));
	on("connections-back", () => go(preview() ? "inside" : "start"));
	on("save-send", () => working($("save-send"), save));
	on("save-back", () => go("connections"));
	on("again", () => working($("again"), look));
	addEventListener("popstate", () => {
		if (steps.includes(view)) {
			trouble = null;
			turn(wanted());
		}
	});
	addEventListener("beforeunload", (event) => {
		if (sending)
			event.preventDefault();
	});
}

code = store.setupCode();
begin(show);
listen();
look();
