// The first page: who I am, my data, and the way to everything else.
import { call, upload } from "./api.js";
import { $, focusOn, make, put } from "./dom.js";
import { fill, moment } from "./format.js";
import { begin, title, words } from "./frame.js";
import { follow, followTitles, jobTrouble, resultOf, showJob,
	wayParts } from "./job.js";
import { forget, keep, kept } from "./keep.js";
import { text } from "./strings/index.js";
import { explain, showTrouble } from "./trouble.js";

const IMPORT_MAX = 64 * 1024 * 1024;

let me = null;
let job = null;		// of an import or a sync, while this page is open
let kind = "";		// "importing" or "syncing"
let trouble = null;
let stopped = false;
let backups = {};	// what an administrator is told of them

function showMe() {
	$("admin").hidden = !me.isAdmin;
	$("server").hidden = !me.serverUrl;
	put($("hello"), fill(text.home.hello, { name: me.user.name }));
	put($("server"), fill(text.home.server, { url: me.serverUrl }));
	for (const part of document.querySelectorAll(".for-admin"))
		part.hidden = !me.isAdmin;
}

function showWork() {
	const ended = job && job.state === "done";
	$("way").hidden = !job || ended || job.state === "failed";
	$("done").hidden = !ended;
	if (job && !ended)
		showJob($("way"), job, text.home[kind]);
	if (ended) {
		put($("done-title"), `${text.home[kind]}: ${text.job.done}`);
		$("result").replaceChildren(...resultOf(job));
	}
	const busy = job && !ended && job.state !== "failed";
	for (const id of ["sync", "import"])
		$(id).toggleAttribute("disabled", Boolean(busy));
}

// What happened to the database, until it was read; then, whether backups are
// as they should be.
function aboutBackups() {
	const { recovered, lastBackup, lastVerifiedArchive, overdue } = backups;
	const say = (words, values = {}) => ({ kind: "warn", ...Object.fromEntries(
		Object.entries(words).map(([key, part]) =>
			[key, fill(part, values)])) });
	if (recovered && kept("jair.recovered") !== recovered.at)
		return say(!recovered.file ? text.home.recoveredNothing
			: recovered.ok ? text.home.recovered
				: text.home.recoveredPart,
		{ at: moment(recovered.at), file: recovered.file });
	if (lastBackup && !lastBackup.ok)
		return say(text.home.backupFailed);
	return overdue ? say(text.home.backupOld,
		{ at: moment(lastVerifiedArchive.at) }) : null;
}

function showBackups() {
	const about = me ? aboutBackups() : null;
	const read = make("button", { type: "button" }, text.home.understood);
	read.addEventListener("click", () => {
		keep("jair.recovered", backups.recovered.at);
		show();
		focusOn($("hello"));
	});
	const unread = backups.recovered &&
		kept("jair.recovered") !== backups.recovered.at;
	showTrouble($("backups"), about, ...(unread ? [read] : []));
}

function show() {
	$("loading").hidden = Boolean(me) || stopped;
	$("stopped").hidden = !stopped;
	$("who").hidden = !me;
	$("data").hidden = !me;
	if (me) {
		showMe();
		showWork();
	}
	showBackups();
	showTrouble($("trouble"), trouble && trouble());
	title(text.home.title);
}

function fail(explained) {
	trouble = explained;
	show();
	focusOn($("trouble"));
}

// A session that has ended leads to the login.
function lost(answer) {
	if (answer.status !== 401)
		return false;
	forget("jair.job");
	location.replace("/login.html#expired");
	return true;
}

async function watch(id, what) {
	kind = what;
	keep("jair.job", JSON.stringify([id, what]), true);
	job = job || { state: "queued" };
	show();
	const last = await follow(id, (now, why) => {
		job = now && now.state !== "done" ? now : job;
		trouble = why;
		show();
	});
	forget("jair.job", true);
	trouble = null;
	job = last.state === "done" ? last : null;
	if (last.state === "failed") {
		fail(() => jobTrouble(last, text.home[`${what}Failed`]));
	} else if (last.state === "refused") {
		if (!lost(last.answer))
			fail(() => explain(last.answer));
	} else {
		show();
		focusOn($("done-title"));
		await followTitles(last, () => job === last && show());
	}
}

async function begun(answer, what) {
	if (!answer.ok) {
		job = null;
		if (!lost(answer))
			fail(() => explain(answer, text.home.unchanged));
		return;
	}
	await watch(answer.body.jobId ?? answer.body.id, what);
}

async function sync() {
	trouble = null;
	kind = "syncing";
	job = { state: "queued" };
	show();
	focusOn($("way").querySelector("h2"));
	await begun(await call("POST", "/api/sync/jellyfin"), kind);
}

async function take() {
	const [file] = $("import").files;
	$("import").value = "";
	if (!file)
		return;
	trouble = null;
	if (file.size > IMPORT_MAX) {
		fail(() => ({ what: text.home.tooLarge,
			data: text.home.unchanged, act: text.home.tooLargeDo }));
		return;
	}
	kind = "importing";
	job = { state: "running", current: file.name, bytes: true };
	show();
	focusOn($("way").querySelector("h2"));
	const transfer = upload("/api/settings/import", file, {
		progress: (sent) => {
			job = { ...job, done: Math.min(sent, file.size),
				total: file.size };
			show();
		},
	});
	const answer = await transfer.done;
	job = { state: "queued" };
	await begun(answer, kind);
}

async function logout() {
	const answer = await call("POST", "/api/auth/logout");
	if (!answer.ok && answer.status !== 401) {
		fail(() => explain(answer));
		return;
	}
	forget("jair.job", true);
	forget("jair.restore");
	location.replace("/login.html#out");
}

function resume() {
	try {
		const [id, what] = JSON.parse(kept("jair.job", true));
		watch(id, what);
	} catch {
		// Nothing was under way.
	}
}

// Where to: the wizard, the login, the history that comes back, or here.
async function look() {
	stopped = false;
	trouble = null;
	const status = await call("GET", "/api/system/status");
	if (status.ok && !status.body.configured) {
		location.replace(`/setup.html${location.hash}`);
		return;
	}
	const answer = status.ok ? await call("GET", "/api/auth/me") : status;
	if (answer.status === 401) {
		location.replace("/login.html");
		return;
	}
	if (!answer.ok) {
		stopped = true;
		fail(() => explain(answer, text.login.data));
		return;
	}
	if (kept("jair.restore")) {
		location.replace("/welcome.html");
		return;
	}
	me = answer.body;
	backups = status.body;
	show();
	resume();
}

$("way").prepend(...wayParts());
words($("way"));
begin(show);
$("again").addEventListener("click", look);
$("logout").addEventListener("click", logout);
$("sync").addEventListener("click", sync);
$("import").addEventListener("change", take);
look();
