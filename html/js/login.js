// The login page.
import { call } from "./api.js";
import { $, focusOn, put } from "./dom.js";
import { fill, seconds as spell } from "./format.js";
import { begin, title } from "./frame.js";
import { forget, keep } from "./keep.js";
import { text } from "./strings/index.js";
import { explain, showTrouble } from "./trouble.js";

const reasons = ["restored", "ready", "expired", "out"];

const reason = location.hash.slice(1);
let trouble = null;
let waitUntil = 0;
let timer = 0;
let busy = false;

function seconds() {
	return Math.ceil((waitUntil - Date.now()) / 1000);
}

function show() {
	title(text.login.title);
	$("note").hidden = !reasons.includes(reason) || Boolean(trouble);
	if (reasons.includes(reason))
		put($("note-text"), text.login[reason]);
	showTrouble($("trouble"), trouble && trouble());
	const left = seconds();
	put($("send"), left > 0 ? fill(text.login.wait, { seconds: spell(left) }) : text.login.go);
	$("send").setAttribute("aria-disabled", String(left > 0 || busy));
	clearTimeout(timer);
	if (left > 0)
		timer = setTimeout(show, 250);
}

function fail(answer) {
	trouble = () => explain(answer, text.login.data);
	if (answer.status === 429)
		waitUntil = Date.now() + 1000 * Math.max(answer.retryAfter, 1);
	show();
	$("password").value = "";
	focusOn(answer.status === 401 ? $("password") : $("trouble"));
}

async function send() {
	const username = $("username").value.trim();
	$("name-error").hidden = Boolean(username);
	$("username").toggleAttribute("aria-invalid", !username);
	if (!username) {
		$("username").setAttribute("aria-invalid", "true");
		$("username").focus();
		return;
	}
	if (busy || seconds() > 0)
		return;
	busy = true;
	show();
	const answer = await call("POST", "/api/auth/login", { body: {
		username, password: $("password").value } });
	busy = false;
	if (!answer.ok) {
		fail(answer);
		return;
	}
	$("password").value = "";
	const job = answer.body.restore?.jobId;
	if (job)
		keep("jair.restore", String(job));
	else
		forget("jair.restore");
	location.replace(job ? "/welcome.html" : "/");
}

// Who has nothing to log in to yet goes on to the wizard.
async function look() {
	const status = await call("GET", "/api/system/status");
	if (status.ok && !status.body.configured)
		location.replace("/setup.html");
	else if (!status.ok)
		fail(status);
}

begin(show);
$("form").addEventListener("submit", (event) => {
	event.preventDefault();
	send();
});
look();
