// A file for the wizard: chosen, dropped or pasted, looked at, and sent.
import { upload } from "./api.js";
import { $, put } from "./dom.js";
import { bytes, fill, percent } from "./format.js";
import { text } from "./strings/index.js";

// What some other kinds of files begin with.
const others = [
	["database", [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66]],
	["packed", [0x1f, 0x8b]], ["packed", [0x50, 0x4b, 3, 4]],
	["packed", [0x28, 0xb5, 0x2f, 0xfd]], ["packed", [0xfd, 0x37, 0x7a]],
];

// Why this file cannot be an archive, seen without sending it; or "".
export async function unfit(file) {
	if (file.size === 0)
		return "empty";
	let head;
	try {
		head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
	} catch {
		return "unreadable";
	}
	const found = others.find(([, start]) =>
		start.every((byte, i) => head[i] === byte));
	return found ? found[0] : "";
}

// taken(file): someone gave a file by drop, click or paste.
export function takeFiles({ input, target, active, taken }) {
	input.addEventListener("change", () => {
		const [file] = input.files;
		if (file)
			taken(file);
		input.value = "";
	});
	const dragged = (event, on) => {
		if (!active() || ![...event.dataTransfer.types].includes("Files"))
			return;
		event.preventDefault();
		target.classList.toggle("over", on);
	};
	addEventListener("dragover", (event) => dragged(event, true));
	addEventListener("dragleave", (event) => {
		if (!event.relatedTarget)
			dragged(event, false);
	});
	addEventListener("drop", (event) => {
		dragged(event, false);
		const [file] = event.dataTransfer.files;
		if (active() && file)
			taken(file);
	});
	addEventListener("paste", (event) => {
		if (!active() || event.target.closest?.("input:not([type=file])"))
			return;
		const [file] = event.clipboardData.files;
		const words = event.clipboardData.getData("text/plain").trim();
		if (file)
			taken(file);
		else if (words.startsWith("{"))
			taken(new File([words], text.start.pasted));
	});
}

// Show how far it is; what is read out changes only every quarter.
export function showProgress({ stage, name, done, total }) {
	const known = total > 0;
	const part = known ? Math.min(done / total, 1) : 0;
	put($("progress-title"), text.start[stage]);
	put($("progress-name"), name || "");
	const bar = $("progress-bar");
	if (known)
		bar.value = part;
	else
		bar.removeAttribute("value");
	put($("progress-bytes"), known ? fill(text.start.ofBytes, {
		done: bytes(done), total: bytes(total) }) : "");
	put($("progress-percent"), known ? percent(part) : "");
	put($("progress-said"), `${text.start[stage]} ${known ?
		percent(Math.floor(part * 4) / 4) : ""}`);
}

export function sendFile(file, code, progress) {
	return upload("/api/system/restore", file, { code, progress });
}
