// The last part of the wizard: test, question, save.  connect: the fields.
import { ask } from "./ask.js";
import { $, focusOn } from "./dom.js";
import { doubt } from "./doubt.js";
import { fail, go, preview, refused, request, turn, w }
	from "./setup-core.js";
import { needsOwner } from "./setup-inside.js";
import * as store from "./setup-store.js";
import { text } from "./strings/index.js";
import { explain } from "./trouble.js";

export async function test(connect) {
	const answer = await connect.test();
	if (!answer.stopped && !answer.ok && answer.status !== 422)
		refused(answer, text.connect.nothingSaved);
	return answer.ok;
}

// On to the last step; what was not tested is tested first, and what is
// wrong is shown once before one may pass it.
let passed = "";
export async function toSave(connect) {
	const open = () => Object.values(connect.outcome())
		.some((one) => one.kind === "wait");
	if (!connect.complete() || !await connect.settleKey())
		return;
	if (open() && !await test(connect))
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

function setupBody(connect) {
	const body = connect.values();
	if (preview()) {
		body.restore = true;
		body.restoreId = preview().id;
		if (needsOwner(preview()))
			body.assignTo = $("owner").value.trim();
	}
	return body;
}

export async function save(connect) {
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
	await send(connect);
}

async function send(connect) {
	const answer = await request("POST", "setup", setupBody(connect));
	if (answer.ok) {
		const back = preview() ? "#restored" : "#ready";
		store.forgetAll();
		location.replace(`/login.html${back}`);
		return;
	}
	if (answer.code === "nothing_staged") {
		// Another one may be in its place.
		const now = await request("GET", "restore");
		w.restore = now.ok ? now.body : { state: "none" };
		go("start");
		fail(() => explain(answer));
		return;
	}
	// Once it is set up, the setup is the administrators'.
	if (answer.status === 409 || answer.status === 401) {
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
			await save(connect);
		return;
	}
	refused(answer, answer.status && answer.status < 500 ?
		text.save.notSaved : text.save.unknown);
}
