// What went wrong, for people: what happened, what it means for the data,
// what to do.  The technical part folds out.
import { make, mark } from "./dom.js";
import { fill, seconds } from "./format.js";
import { copy } from "./frame.js";
import { said } from "./said.js";
import { text } from "./strings/index.js";

// The server's own sentences: what happened, that nothing was changed, and
// what to do.
export function parts(error) {
	const [what, ...rest] = String(error).split(/\s*Nothing was changed\.\s*/);
	return { what, unchanged: rest.length > 0, act: rest.join(" ") };
}

// Words for an answer of the server that was not a good one.  ${data} says
// what it means for the data where the words for its code do not.
export function explain(answer, data) {
	const named = text.errors[answer.code];
	const known = named || byStatus(answer);
	const own = answer.error && !named?.what ? parts(answer.error) : null;
	const what = own ? said(own.what) : { words: known.what };
	const act = said(own?.act);
	return {
		what: what.words,
		foreign: what.foreign,
		data: known.data || data ||
			(own?.unchanged ? text.setup.unchanged : ""),
		act: named?.act || !act.words ||
			(act.foreign && text.lang !== "en") ?
			fill(known.act || "", { seconds:
				seconds(Math.max(1, answer.retryAfter)) }) : act.words,
		details: details(answer),
	};
}

function byStatus(answer) {
	const s = answer.status;
	const name = s === 0 ? "offline" : `status${s}`;
	if (text.errors[name])
		return text.errors[name];
	return s >= 500 ? text.errors.status500 : text.errors.other;
}

function details(answer) {
	const lines = [[text.message, answer.error], [text.code, answer.code],
		[text.httpStatus, answer.status || ""],
		[text.field, answer.field], [text.place, answer.place]];
	return lines.filter(([, value]) => value)
		.map(([name, value]) => `${name}: ${value}`).join("\n");
}

function fold(words) {
	const pre = make("pre", { tabindex: "0" }, words);
	const button = make("button", { type: "button" }, text.copy);
	button.addEventListener("click", () => copy(pre));
	return make("details", {}, make("summary", {}, text.details), pre,
		button);
}

// Draw it into ${node}, a box with role="alert", or clear that.
export function showTrouble(node, trouble, ...more) {
	const key = trouble ? JSON.stringify([trouble, text.lang]) : "";
	if (node.dataset.shown === key)
		return;
	node.dataset.shown = key;
	node.hidden = !trouble;
	node.replaceChildren();
	if (!trouble)
		return;
	node.dataset.kind = trouble.kind || "bad";
	node.append(
		make("p", { class: "headline" }, mark(node.dataset.kind),
			make("strong", { lang: trouble.foreign && "en" },
				trouble.what)));
	if (trouble.cause)
		node.append(make("p", { lang: trouble.causeForeign && "en" },
			trouble.cause));
	if (trouble.data)
		node.append(make("p", { class: "soft" }, trouble.data));
	if (trouble.act)
		node.append(make("p", { class: "act" },
			make("b", {}, text.whatToDo), " ", trouble.act));
	if (more.length)
		node.append(make("p", { class: "buttons" }, ...more));
	if (trouble.details)
		node.append(fold(trouble.details));
}
