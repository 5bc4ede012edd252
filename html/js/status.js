// The status page: shows how the server is, and looks again by itself.
import { $, marks, put } from "./dom.js";
import { begin, copy, title } from "./frame.js";
import { look } from "./look.js";
import { text } from "./strings/index.js";

const PAUSE_MS = 15000;		// shorter while something is wrong
const PAUSE_WRONG_MS = 4000;

const words = () => text.status;

let seen = { state: "looking" };
let seenAt = null;
let timer = 0;
let looking = false;

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
	return `${n} ${words()[name][n === 1 ? 0 : 1]}`;
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
		return ["wait", words().looking, words().lookingText, ""];
	case "ready":
		return ["ok", words().headReady, words().headReadyText, ""];
	case "notReady": {
		const r = reason();
		return ["warn", words().headNotReady, `${r.what} ${r.data}`, r.act];
	}
	case "gone":
		return ["bad", words().headGone, words().headGoneText,
			words().goneDo];
	default:
		return ["bad", words().headGone, words().offlineText,
			words().offlineDo];
	}
}

function reason() {
	return words().reasons[seen.trouble.reason] || words().reasons.other;
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
	title(seen.state === "looking" ? words().subtitle :
		`${marks[kind]} ${head}`);
}

function showDetails() {
	const t = seen.trouble;
	const lines = !t ? [] : [[words().step, t.step], [words().at, t.at],
		[text.message, t.detail], [text.code, t.reason]];
	const all = lines.filter(([, v]) => v).map(([k, v]) => `${k}: ${v}`);
	put($("details-text"), all.join("\n"));
	$("details").hidden = all.length === 0;
}

function showRows() {
	const up = seen.state === "ready" || seen.state === "notReady";
	if (seen.state === "looking") {
		for (const name of ["server", "data", "setup"])
			row(name, "wait", words().looking, "");
		return;
	}
	if (up)
		row("server", "ok", words().reachable, words().reachableText);
	else
		row("server", "bad", words().unreachable,
			words().unreachableText);
	if (seen.state === "ready")
		row("data", "ok", words().ready, words().readyText);
	else if (up)
		row("data", "warn", words().notReady, reason().what);
	else
		row("data", "off", words().unknown, words().unknownText);
	showSetup();
}

function showSetup() {
	if (!seen.system) {
		row("setup", "off", words().unknown, words().unknownText);
		return;
	}
	$("go-setup").hidden = seen.system.configured;
	$("go-home").hidden = !seen.system.configured;
	const more = seen.system.staged ? ` ${words().stagedText}` : "";
	if (seen.system.configured)
		row("setup", "ok", words().configured,
			words().configuredText + more);
	else
		row("setup", "off", words().notConfigured,
			words().notConfiguredText + more);
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

function show() {
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

$("copy").addEventListener("click", () => copy($("details-text")));
// A page in the background rests, and looks at once when it is seen again.
document.addEventListener("visibilitychange", () => {
	if (document.hidden)
		clearTimeout(timer);
	else
		refresh();
});

$("rows").hidden = false;
begin(show);
refresh();
