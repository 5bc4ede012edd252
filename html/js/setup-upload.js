// The way of a backup to the server, and its check there.
import { call } from "./api.js";
import { fail, go, isCode, refused, request, turn, w }
	from "./setup-core.js";
import { sendFile, showProgress, unfit } from "./setup-file.js";
import * as store from "./setup-store.js";
import { text } from "./strings/index.js";
import { said } from "./said.js";
import { explain, parts as partsOf } from "./trouble.js";

const POLL_MS = 400;

export function showWay() {
	if (w.sending)
		showProgress({ stage: w.sending.sent < w.sending.size ? "sending" :
			"arrived", name: w.sending.name, done: w.sending.sent,
		total: w.sending.size });
	else
		showProgress({ stage: "checking", done: w.restore.done || 0,
			total: w.restore.total || 0 });
}

export async function poll() {
	while (w.restore.state === "checking" && !w.sending) {
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
		const answer = await request("GET", "restore");
		if (w.restore.state !== "checking" || w.sending)
			return;
		if (answer.ok) {
			w.restore = answer.body;
			w.trouble = null;
		} else if (answer.status === 401 || isCode(answer)) {
			refused(answer);
			return;
		} else {
			// It goes on by itself when the server is back.
			w.trouble = () => ({ ...explain(answer),
				data: text.start.checkGoesOn });
		}
		w.show();
	}
	if (w.restore.state === "checking")
		return;
	if (w.restore.state === "ready")
		go("inside");
	else
		checked();
}

// The check ended without an archive to show.
export function checked() {
	turn("start");
	if (w.restore.state === "failed")
		fail(brokenFile);
}

function brokenFile() {
	const error = w.restore.error;
	const parts = error && typeof error === "object" ? error :
		{ error };
	const explained = explain({
		code: parts.code, place: parts.where,
		error: parts.error || parts.message || text.start.unreadable,
	}, text.start.nothingChanged);
	// Where to look for another one this page knows better.
	const own = partsOf(parts.error || parts.message).act;
	const act = said(own);
	if (w.defaults.backups?.length)
		return { ...explained, act: text.start.leftBrokenDo };
	const better = act.words && !/^Download it again/.test(own) &&
		(text.lang === "en" || !act.foreign);
	return { ...explained, act: better ? act.words : text.start.brokenDo };
}

// A server that refuses a file while it is sent may close the line before
// its answer is read; then it still answers others.
async function whyCut(answer) {
	if (answer.status !== 0)
		return answer;
	const status = await call("GET", "/api/system/status");
	return status.ok ? { ...answer, code: "upload_cut" } : answer;
}

export async function take(file) {
	const why = await unfit(file);
	if (why) {
		fail(() => ({ ...text.start.unfit[why],
			data: text.start.nothingChanged,
			details: file.name }));
		return;
	}
	toRestore();
	const transfer = sendFile(file, w.code, (sent) => {
		w.sending.sent = Math.min(sent, file.size);
		w.show();
	});
	w.sending = { name: file.name, size: file.size, sent: 0,
		cancel: transfer.cancel };
	turn("progress");
	const answer = await transfer.done;
	w.sending = null;
	if (answer.cancelled || !answer.ok) {
		turn("start");
		if (!answer.cancelled)
			refused(await whyCut(answer), text.start.nothingChanged);
		return;
	}
	accepted(answer);
}

// A backup that lies on the server already.
export async function takeLeft(name) {
	toRestore();
	const answer = await request("POST",
		`restore?from=${encodeURIComponent(name)}`);
	if (refused(answer, text.start.nothingChanged))
		return;
	turn("progress");
	accepted(answer);
}

function toRestore() {
	w.trouble = null;
	w.mode = "restore";
	store.keepMode(w.mode);
}

function accepted(answer) {
	w.restore = { ...answer.body, state: answer.body.state || "checking" };
	w.show();
	poll();
}

export async function cancel() {
	if (w.sending) {
		w.sending.cancel();
		return;
	}
	w.restore = { state: "none" };
	const answer = await request("DELETE", "restore");
	turn("start");
	refused(answer, text.start.nothingChanged);
}

// Forget the file on the server, and begin again.
export async function forget() {
	const answer = await request("DELETE", "restore");
	if (refused(answer, text.start.nothingChanged))
		return false;
	w.restore = { state: "none" };
	w.mode = "";
	store.keepMode(w.mode);
	store.keepDraft(null);
	// What was known from the backup is not known any more.
	const given = await request("GET", "setup-defaults");
	w.defaults = given.ok ? given.body : {};
	return true;
}
