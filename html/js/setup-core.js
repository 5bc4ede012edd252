// What all parts of the wizard share: its state, and how it turns a page.
import { call } from "./api.js";
import { $, focusOn } from "./dom.js";
import * as store from "./setup-store.js";
import { explain } from "./trouble.js";

export const w = {
	view: "loading",
	code: "",
	defaults: {},		// what the server knows of the services
	restore: { state: "none" },
	mode: store.mode(),	// "restore", "fresh" or ""
	sending: null,		// {name, size, sent, cancel} of a file
	trouble: null,		// a function, so that it speaks each language
	busy: false,
	show: () => {},		// set by setup.js, as is the next
	look: () => {},
};

export const request = (method, path, body) =>
	call(method, `/api/system/${path}`, { body, code: w.code });

export const isCode = (answer) => /^setup_code_/.test(answer.code);

export function preview() {
	return w.mode === "restore" && w.restore.state === "ready" ?
		w.restore.preview : null;
}

// Show another view, with the focus at its beginning; when the page has just
// come that is the browser's own affair.
export function turn(next) {
	const first = w.view === "loading";
	w.view = next;
	w.show();
	if (first)
		return;
	const head = $(next).querySelector("h2");
	scrollTo(0, 0);
	if (head)
		focusOn(head);
}

export function go(step) {
	w.trouble = null;
	if (location.hash !== `#${step}`)
		history.pushState(null, "", `#${step}`);
	turn(step);
}

export function fail(explained) {
	w.trouble = explained;
	w.show();
	focusOn($("trouble"));
}

// An answer that means the same in every step.  Returns whether it was one.
export function refused(answer, data) {
	if (answer.ok)
		return false;
	if (isCode(answer)) {
		askCode(w.code ? () => explain(answer) : null);
		return true;
	}
	// Set up by someone else meanwhile.
	if (answer.status === 401) {
		w.look();
		return true;
	}
	fail(() => explain(answer, data));
	return true;
}

export function askCode(why) {
	w.trouble = why;
	turn("code");
	if (why)
		$("code-input").setAttribute("aria-invalid", "true");
	$("code-input").focus();
}

export async function working(button, task) {
	if (w.busy)
		return;
	w.busy = true;
	button.setAttribute("aria-busy", "true");
	w.trouble = null;
	w.show();
	try {
		await task();
	} finally {
		w.busy = false;
		button.removeAttribute("aria-busy");
	}
}
