// The first page: shows how the server is, and looks again by itself.
import { keep, kept } from "./keep.js";
import { look } from "./look.js";
import { choose, chosen, languages } from "./strings/index.js";

const PAUSE_MS = 15000;		// shorter while something is wrong
const PAUSE_WRONG_MS = 4000;

const marks = { ok: "✓", bad: "✕", warn: "!", wait: "◔", off: "–" };
const $ = (id) => document.getElementById(id);

let text = chosen();
let seen = { state: "looking" };
let seenAt = null;
let timer = 0;
let looking = false;

// Only what changed is touched, so that the live region speaks only then.
function put(node, value) {
	if (node.textContent !== value)
		node.textContent = value;
}

function row(name, kind, word, sentence) {
	const node = $(name);
	node.dataset.kind = kind;
	put(node.querySelector(".mark"), marks[kind]);
	put(node.querySelector(".word"), word);
	put(node.querySelector(".more"), sentence);
}

function span(seconds) {
	const steps = [["day", 86400], ["hour", 3600], ["minute", 60],
		["second", 1]];
	const [name, size] = steps.find(([, s]) => seconds >= s) || steps[3];
	const n = Math.floor(seconds / size);
	return `${n} ${text[name][n === 1 ? 0 : 1]}`;
}

function time(date) {
	return date.toLocaleTimeString(text.lang, {
		hour: "2-digit", minute: "2-digit", second: "2-digit",
		hourCycle: "h23",
	});
}

// Kind, headline, sentence and advice for the top of the page.
function headline() {
	switch (seen.state) {
	case "looking":
		return ["wait", text.looking, text.lookingText, ""];
	case "ready":
		return ["ok", text.headReady, text.headReadyText, ""];
	case "notReady": {
		const r = reason();
		return ["warn", text.headNotReady, `${r.what} ${r.data}`, r.act];
	}
	case "gone":
		return ["bad", text.headGone, text.headGoneText, text.goneDo];
	default:
		return ["bad", text.headGone, text.offlineText, text.offlineDo];
	}
}

function reason() {
	return text.reasons[seen.trouble.reason] || text.reasons.other;
}

function showHead() {
	const [kind, head, sentence, advice] = headline();
	$("head").dataset.kind = kind;
	put($("head-mark"), marks[kind]);
	put($("head-word"), head);
	put($("head-text"), sentence);
	put($("advice-label"), advice ? text.whatToDo : "");
	put($("advice-text"), advice);
	$("advice").hidden = !advice;
	document.title = seen.state === "looking" ? text.title :
		`${marks[kind]} ${head} · ${text.title}`;
}

function showDetails() {
	const t = seen.trouble;
	const lines = !t ? [] : [[text.step, t.step], [text.at, t.at],
		[text.message, t.detail], [text.code, t.reason]];
	const all = lines.filter(([, v]) => v).map(([k, v]) => `${k}: ${v}`);
	put($("details-text"), all.join("\n"));
	$("details").hidden = all.length === 0;
}

function showRows() {
	const up = seen.state === "ready" || seen.state === "notReady";
	if (seen.state === "looking") {
		for (const name of ["server", "data", "setup"])
			row(name, "wait", text.looking, "");
		return;
	}
	if (up)
		row("server", "ok", text.reachable, text.reachableText);
	else
		row("server", "bad", text.unreachable, text.unreachableText);
	if (seen.state === "ready")
		row("data", "ok", text.ready, text.readyText);
	else if (up)
		row("data", "warn", text.notReady, reason().what);
	else
		row("data", "off", text.unknown, text.unknownText);
	showSetup();
}

function showSetup() {
	if (!seen.system) {
		row("setup", "off", text.unknown, text.unknownText);
		return;
	}
	const more = seen.system.staged ? ` ${text.stagedText}` : "";
	if (seen.system.configured)
		row("setup", "ok", text.configured, text.configuredText + more);
	else
		row("setup", "off", text.notConfigured,
			text.notConfiguredText + more);
}

function showFacts() {
	const h = seen.health;
	$("facts").hidden = seenAt === null;
	$("fact-version").hidden = !h;
	$("fact-uptime").hidden = !h;
	put($("version"), h ? String(h.version) : "");
	put($("uptime"), h ? span(h.uptime) : "");
	put($("checked"), seenAt ? time(seenAt) : "");
}

function isDark() {
	const set = document.documentElement.dataset.theme;
	return set ? set === "dark" :
		!matchMedia("(prefers-color-scheme: light)").matches;
}

function showSwitches() {
	put($("theme-word"), isDark() ? text.toLight : text.toDark);
	$("theme").setAttribute("aria-label",
		isDark() ? text.toLightLong : text.toDarkLong);
	const other = languages.find((l) => l !== text);
	put($("language"), other.name);
	$("language").lang = other.lang;
}

function showWords() {
	document.documentElement.lang = text.lang;
	for (const node of document.querySelectorAll("[data-text]"))
		put(node, text[node.dataset.text]);
}

function show() {
	showWords();
	showSwitches();
	showHead();
	showDetails();
	showRows();
	showFacts();
}

async function refresh() {
	if (looking)
		return;
	looking = true;
	clearTimeout(timer);
	seen = await look();
	seenAt = new Date();
	looking = false;
	show();
	timer = setTimeout(refresh,
		seen.state === "ready" ? PAUSE_MS : PAUSE_WRONG_MS);
}

$("theme").addEventListener("click", () => {
	const theme = isDark() ? "light" : "dark";
	document.documentElement.dataset.theme = theme;
	keep("jair.theme", theme);
	showSwitches();
});
$("language").addEventListener("click", () => {
	const other = languages.find((l) => l !== text);
	choose(other.lang);
	text = other;
	show();
});
$("copy").addEventListener("click", async () => {
	try {
		await navigator.clipboard.writeText($("details-text").textContent);
		put($("copy"), text.copied);
	} catch {
		// Not allowed here: select it, for the keyboard to copy.
		getSelection().selectAllChildren($("details-text"));
	}
});
matchMedia("(prefers-color-scheme: light)").addEventListener("change",
	showSwitches);
// A page in the background rests, and looks at once when it is seen again.
document.addEventListener("visibilitychange", () => {
	if (document.hidden)
		clearTimeout(timer);
	else
		refresh();
});

if (kept("jair.lang"))
	text = chosen();
$("rows").hidden = false;
$("switches").hidden = false;
show();
refresh();
