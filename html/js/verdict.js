// What the test of a service found, in words.
import { fill } from "./format.js";
import { text } from "./strings/index.js";

// result: a part of the server's answer, or {kind: "wait" | "work"}.
// Returns {kind, word, more?, act?, foreign?}.
export function verdict(service, result) {
	if (result.kind)
		return { kind: result.kind, word: text.connect[result.kind] };
	if (result.ok)
		return {
			kind: "ok", word: text.connect.ok,
			more: result.message || fill(text.connect.found, {
				name: text.connect.names[service],
				version: result.version || "",
			}),
		};
	const known = text.connect.codes[result.code];
	return {
		kind: "bad", word: text.connect.bad,
		more: known || result.message || "", foreign: !known,
		act: text.connect.act[service],
	};
}
