// The wizard in a real browser, each state of it.  Without this test a
// person could lose a backup's place, a key or the way on, and not see why.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bad, preview, startMock, verified } from "./mock.mjs";
import { finish, inspect, launch, ok, open, until } from "./check.mjs";
import { chooseFile, fillConnections, restoreFrom, save, says,
	testConnections, toConnections, toSave, typeCode, visible }
	from "./flows.mjs";

const en = (await import("../../html/js/strings/en.js")).default;
const mock = await startMock();
const browser = await launch(process.env.JAIR_CHROMIUM);
const setup = `${mock.url}/setup.html`;
const file = { name: "backup_latest.json",
	buffer: Buffer.from(`{"users":[]${" ".repeat(5000)}}`) };
const ready = () => ({ id: "r1", state: "ready",
	preview: structuredClone(preview) });
const asked = (method, path) => mock.state.requests.filter((r) =>
	r.method === method && r.path === `/api/system/${path}`);
const done = (page) => page.context().close();

async function at(changes = {}, hash = "") {
	mock.reset(changes);
	const page = await open(browser, setup + hash);
	await until(() => page.isHidden("#loading"));
	return page;
}

async function focusIn(page) {
	return page.evaluate(() => document.activeElement.id ||
		document.activeElement.textContent);
}

/* Whether ${name} gets the focus: when a dialog closes, a moment later. */
const focused = (page, name) =>
	until(async () => (await focusIn(page)) === name);

// What is in the storages of the tab, as one text.
const stored = (page) => page.evaluate(() =>
	JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));

{
	const page = await at();
	ok(await page.isVisible("#choice-restore") &&
		await page.isVisible("#fresh"), "start: two choices");
	await inspect(page, "setup-start");
	await page.click("#start summary");
	await inspect(page, "setup-start-kinds");
	await done(page);
}

// Migration: everything as it should be.
{
	const page = await at();
	ok(await restoreFrom(page, file), "restore: the file is checked");
	ok(asked("POST", "restore")[0].headers["content-type"] ===
		"application/octet-stream", "restore: sent as it is");
	ok(await says(page, "#inside-people", "Mäkinen Åsa"),
		"inside: each person");
	ok(await says(page, "#inside-facts", en.inside.integrity.absent),
		"inside: the checksum, in words");
	ok(await focused(page, en.inside.title),
		"inside: the focus is at its beginning", await focusIn(page));
	await page.click(".warnings summary");
	ok(await says(page, ".warnings", "users[1].data.movies[17]"),
		"inside: a warning with its place");
	await inspect(page, "setup-inside");
	await page.reload();
	ok(await visible(page, "#inside"), "inside: a reload stays here");
	await toConnections(page);
	ok((await page.inputValue("#field-jellyfinUrl")) ===
		"http://jellyfin:8096", "connections: filled from the backup");
	ok((await page.inputValue("#field-jellyseerrApiKey")) === "",
		"connections: no key is in the page");
	await inspect(page, "setup-connections");
	await fillConnections(page, {
		jellyfinUrl: "media.home:8096/web/index.html#!/home" });
	ok((await page.inputValue("#field-jellyfinUrl")) ===
		"http://media.home:8096", "connections: a pasted address is cleaned");
	ok(await says(page, ".change", "http://jellyfin:8096") &&
		await says(page, ".change", "http://media.home:8096"),
	"connections: old and new side by side");
	await page.reload();
	ok(await visible(page, "#connections") &&
		(await page.inputValue("#field-jellyfinUrl")) ===
		"http://media.home:8096", "connections: a reload keeps the address");
	ok(await testConnections(page), "connections: three results");
	ok(await says(page, "#result-jellyfin", "Jellyfin 10.11.3"),
		"connections: what was found");
	await inspect(page, "setup-connections-ok");
	await toSave(page);
	ok(await says(page, "#save-rows", "3 people"), "save: a summary");
	await inspect(page, "setup-save");
	await save(page);
	ok(mock.state.saved.restore === true &&
		mock.state.saved.jellyfinUrl === "http://media.home:8096" &&
		mock.state.saved.jellyseerrApiKey === "********a91f",
	"save: what is sent", mock.state.saved);
	ok(await says(page, "#note", en.login.restored), "save: then the login");
	ok((await stored(page)) === "[{},{}]", "save: nothing is remembered",
		await stored(page));
	await done(page);
}

// The database is gone, but backups are left beside it.
const left = [
	["backup_latest.json", "2025-11-25T12:00:00.000Z", 11534336],
	["backup_2025-11-24T03-00-00.json", "2025-11-24T03:00:00.000Z", 11404336],
	["backup_2025-11-23T03-00-00.json", "2025-11-23T03:00:00.000Z", 998],
].map(([name, at, bytes]) => ({ name, at, bytes }));
{
	const page = await at({ defaults: { backups: left } });
	ok(await page.isVisible("#start-left") &&
		await page.isVisible("#choice-restore") &&
		await page.isVisible("#fresh"), "left: offered beside both ways");
	ok(await says(page, "#start-left", "25 November 2025") &&
		await says(page, "#start-left", "11.5 MB") &&
		await says(page, "#start-left", "backup_latest.json"),
	"left: when, how large, which", await page.textContent("#start-left"));
	ok((await page.$$("#start-left button:visible")).length === 1,
		"left: the newest; the others are folded");
	const names = await page.$$eval("#start-left button", (nodes) =>
		nodes.map((node) => node.getAttribute("aria-label")));
	ok(new Set(names).size === 3 && names.every((name) =>
		name.startsWith(en.start.leftUse)), "left: each button says of when",
	names);
	await inspect(page, "setup-left");
	// By the keyboard alone, and in sight of the choice.
	const tabTo = async (selector) => {
		for (let i = 0; i < 30; i++) {
			await page.keyboard.press("Tab");
			if (await page.evaluate((s) =>
				document.activeElement.matches(s), selector))
				return true;
		}
		return false;
	};
	ok(await tabTo("#start-left summary"), "left: the fold has the keyboard");
	await page.keyboard.press("Enter");
	ok((await page.$$("#start-left button:visible")).length === 3,
		"left: and opens");
	await inspect(page, "setup-left-all");
	await page.click("#language");
	ok(await says(page, "#start-left", "25. November 2025"),
		"left: in the other language");
	await inspect(page, "setup-left-de");
	await page.click("#language");
	ok(await says(page, "#start-left", "25 November 2025"),
		"left: and back");
	await page.click("#start-left summary");
	await page.focus("#start-left summary");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	ok(await visible(page, "#inside"), "left: what is inside is shown");
	ok(asked("POST", "restore").length === 1 && mock.state.from ===
		left[1].name, "left: the one that was meant", mock.state.from);
	ok(await focused(page, en.inside.title),
		"left: the focus is at its beginning", await focusIn(page));
	await page.click("#step-start a");
	ok(await visible(page, "#start-ready") &&
		await page.isHidden("#start-left"), "left: one offer at a time");
	await page.click("#start-go");
	await page.click("#inside-other");
	ok(await visible(page, "#start-left"),
		"left: another one can be taken instead");
	await page.click("#start-left button");
	ok(await visible(page, "#inside") && mock.state.from === left[0].name,
		"left: the newest", mock.state.from);
	await toConnections(page);
	await toSave(page);
	await save(page);
	ok(mock.state.saved.restore === true, "left: it is restored");
	await done(page);
}
{
	const page = await at({ defaults: { backups: left.slice(0, 1) } });
	ok(await page.isHidden("#start-left summary"),
		"left: one alone folds nothing");
	mock.state.defaults = { backups: [] };
	await page.click("#start-left button");
	ok(await says(page, "#trouble", en.errors.backup_missing.what) &&
		await focused(page, "trouble"), "left: one that is gone is told");
	await inspect(page, "setup-left-gone");
	await page.reload();
	ok(await visible(page, "#start") && await page.isHidden("#start-left") &&
		await page.isHidden("#trouble"), "left: nothing left, nothing said");
	await done(page);
}
{
	const page = await at({ defaults: { backups: left } });
	mock.api["GET /api/system/restore"] = () => ({ body: { id: "r1",
		state: "failed", error: "This file ends in the middle (line 9, " +
		"column 1). Nothing was changed. Download it again from the old " +
		"server: backup_latest.json." } });
	await page.click("#start-left button");
	ok(await says(page, "#trouble", "line 9") &&
		await says(page, "#trouble", en.start.leftBrokenDo),
	"left: a broken one is told, and where the others are");
	ok(await page.isVisible("#start-left"), "left: which are still offered");
	await inspect(page, "setup-left-broken");
	await done(page);
}
{
	const page = await at({ defaults: { backups: left },
		staged: { state: "pending" } });
	ok(await page.isHidden("#start-left"),
		"left: not while people wait for another one");
	await done(page);
}

// A slow line: progress in bytes, cancel, and the check after it.
{
	const page = await at();
	let openLine;
	mock.slow = new Promise((resolve) => {
		openLine = resolve;
	});
	const folder = mkdtempSync(join(tmpdir(), "jair-pages-"));
	const big = join(folder, "backup_latest.json");
	writeFileSync(big, Buffer.alloc(40 * 1024 * 1024, " "));
	await chooseFile(page, big);
	ok(await says(page, "#progress-title", en.start.sending),
		"upload: said to be under way");
	ok(await until(async () => /MB of 41\.9 MB/.test(
		await page.textContent("#progress-bytes"))),
	"upload: progress in bytes", await page.textContent("#progress-bytes"));
	await inspect(page, "setup-upload");
	await page.click("#progress-cancel");
	ok(await visible(page, "#start"), "upload: cancelled");
	openLine();
	mock.slow = null;
	rmSync(folder, { recursive: true });
	mock.api["GET /api/system/restore"] = () => ({ body: {
		id: "r1", state: "checking", done: 21e6, total: 42e6 } });
	await chooseFile(page, file);
	ok(await says(page, "#progress-title", en.start.checking) &&
		await says(page, "#progress-bytes", "21 MB of 42 MB"),
	"check: progress in bytes");
	await inspect(page, "setup-checking");
	await page.reload();
	ok(await says(page, "#progress-title", en.start.checking),
		"check: a reload finds it again");
	mock.api["GET /api/system/restore"] = () => "gone";
	ok(await says(page, "#trouble", en.start.checkGoesOn),
		"check: says when the server is gone");
	await inspect(page, "setup-checking-gone");
	mock.api["GET /api/system/restore"] = () => ({ body: ready() });
	ok(await visible(page, "#inside"), "check: and goes on by itself");
	await page.click("#inside-other");
	ok(await visible(page, "#start") &&
		asked("DELETE", "restore").length === 1, "inside: another file");
	await done(page);
}

// Files that are none of ours; each says what, and what to do.
{
	const page = await at();
	for (const [name, buffer] of [["empty", ""],
		["database", "SQLite format 3\0"], ["packed", "\x1f\x8b\x08"]]) {
		await chooseFile(page, { name: "x", buffer: Buffer.from(buffer,
			"latin1") });
		ok(await says(page, "#trouble", en.start.unfit[name].what) &&
			await says(page, "#trouble", en.start.nothingChanged) &&
			await says(page, "#trouble", en.start.unfit[name].act),
		`file: ${name}`);
	}
	await inspect(page, "setup-wrong-file");
	ok(asked("POST", "restore").length === 0, "file: nothing was sent");
	await done(page);
}
{
	const error = "This file ends in the middle " +
		"(line 20412, column 3).";
	const page = await at({ staged: { id: "r1", state: "failed",
		error: { error, code: "archive_broken",
			where: "line 20412, column 3" } } });
	ok(await says(page, "#trouble", error) &&
		await says(page, "#trouble", en.start.nothingChanged),
	"broken file: what happened, and that nothing was changed");
	ok(await says(page, "#trouble", en.start.brokenDo),
		"broken file: what to do");
	await page.click("#trouble summary");
	ok(await says(page, "#trouble pre", "column 3"),
		"broken file: the place is in the details");
	await inspect(page, "setup-broken-file");
	await done(page);
}
for (const [status, code, error] of [
	[413, "too_large", "The archive is larger than 1 GiB."],
	[429, "too_many_requests", "Another upload is under way."],
	[409, "restore_pending", "An earlier backup still waits."],
	[507, "disk_full", "There is no room for the file."]]) {
	const page = await at();
	mock.api["POST /api/system/restore"] = () => bad(status, code, error);
	await chooseFile(page, file);
	ok(await says(page, "#trouble", en.errors[code]?.what || error) &&
		await says(page, "#trouble", en.start.nothingChanged),
	`upload refused with ${status}: said in words`);
	ok(await page.isVisible("#start"), `upload refused with ${status}: ` +
		"one may choose again");
	await done(page);
}

{
	const page = await at();
	mock.api["POST /api/system/restore"] = () => "gone";
	await chooseFile(page, file);
	ok(await says(page, "#trouble", en.errors.upload_cut.what),
		"upload cut off: said in words, while the server still answers");
	await done(page);
}

// Drop and paste.
{
	const page = await at();
	const give = (kind) => page.evaluate((type) => {
		const data = new DataTransfer();
		data.items.add(new File(["{\"users\":[]}"], "b.json"));
		const init = { bubbles: true, cancelable: true };
		dispatchEvent(type === "drop" ?
			new DragEvent(type, { ...init, dataTransfer: data }) :
			new ClipboardEvent(type, { ...init, clipboardData: data }));
	}, kind);
	await give("drop");
	ok(await visible(page, "#inside"), "drop: the file is taken");
	await page.click("#inside-other");
	await visible(page, "#start");
	await give("paste");
	ok(await visible(page, "#inside"), "paste: the file is taken");
	await done(page);
}

// The setup code: from the link, typed, wrong.
{
	const page = await at({ codeNeeded: true });
	ok(await visible(page, "#code"), "code: asked for");
	await inspect(page, "setup-code");
	await typeCode(page, "WRONG");
	ok(await says(page, "#trouble", en.errors.setup_code_wrong.what),
		"code: a wrong one is said to be wrong");
	await inspect(page, "setup-code-wrong");
	await typeCode(page, "C0DE");
	ok(await visible(page, "#start"), "code: the right one leads on");
	await done(page);
}
{
	const page = await at({ codeNeeded: true }, "#code=C0DE");
	ok(await visible(page, "#start"), "code: taken from the link");
	ok(!page.url().includes("C0DE"), "code: not in the address bar",
		page.url());
	await page.reload();
	ok(await visible(page, "#start"), "code: a reload needs no new one");
	await done(page);
}

// Start fresh: fields, skipping, wrong keys and then right ones.
{
	const page = await at();
	await page.click("#fresh");
	ok(await visible(page, "#connections"), "fresh: straight to connections");
	ok((await page.getAttribute("#step-inside", "data-state")) === "skip",
		"fresh: the second step is not needed");
	await page.click("#connections-next");
	ok(await page.isVisible("#field-jellyfinUrl-error") &&
		await focused(page, "field-jellyfinUrl"),
	"fresh: Jellyfin's address cannot wait");
	await inspect(page, "setup-connections-missing");
	await fillConnections(page, { jellyfinUrl: "http://media.home:8096",
		jellyseerrUrl: "http://media.home:5055",
		jellyseerrApiKey: "wrong-key-1234" }, ["gemini"]);
	ok(await says(page, "#field-jellyseerrApiKey-help", "1234"),
		"key: its last four are shown");
	let letGo;
	const held = new Promise((resolve) => {
		letGo = resolve;
	});
	mock.api["POST /api/system/verify"] = async () => {
		await held;
		return { body: { ...verified, jellyseerr: { ok: false, message:
			"Reached Seerr 3.1.0, but it refused the API key: copy it again." } } };
	};
	await page.click("#test");
	ok(await says(page, "#result-jellyfin", en.connect.work),
		"test: each row says that it works on it");
	await inspect(page, "setup-testing");
	letGo();
	ok(await says(page, "#result-jellyseerr", "refused the API key") &&
		await says(page, "#result-jellyseerr", "copy it again"),
	"test: what is wrong and what to do");
	ok(await says(page, "#result-jellyfin", "Jellyfin 10.11.3") &&
		await says(page, "#result-gemini", en.connect.skipped),
	"test: the others stand by themselves");
	await inspect(page, "setup-test-bad");
	await page.fill("#field-jellyseerrApiKey", "right-key-5678");
	ok(await says(page, "#result-jellyseerr", en.connect.wait) &&
		await says(page, "#result-jellyfin", "Jellyfin 10.11.3"),
	"test: editing resets its own result only");
	ok(!(await stored(page)).includes("right-key"),
		"key: not in any storage");
	await page.click("#connections-next");
	ok(await until(() => page.isVisible("#result-jellyseerr")) &&
		await says(page, "#result-jellyseerr", "refused"),
	"continue: what is wrong is shown before one may pass it");
	ok(await page.isVisible("#connections"), "continue: stays once");
	await toSave(page);
	await page.click("#save-send");
	ok(await says(page, "dialog", "Seerr (Jellyseerr)"),
		"save: one honest question");
	await inspect(page, "setup-save-question");
	await page.keyboard.press("Escape");
	ok(await until(() => page.isHidden("dialog")) &&
		mock.state.saved === null, "save: Escape saves nothing");
	await save(page, true);
	ok(mock.state.saved.restore === undefined &&
		mock.state.saved.jellyseerrApiKey === "right-key-5678" &&
		mock.state.saved.geminiApiKey === "",
	"fresh: what is sent", mock.state.saved);
	await done(page);
}

// A model that is not in the list.
{
	const page = await at();
	await page.click("#fresh");
	await fillConnections(page, { jellyfinUrl: "http://media.home:8096",
		geminiApiKey: "gemini-key-1234" }, ["jellyseerr"]);
	await page.selectOption("#field-geminiModel", "");
	ok(await focused(page, "field-geminiModel-other"),
		"model: another name can be typed");
	await page.click("#connections-next");
	ok(await page.isVisible("#field-geminiModel-error"),
		"model: has to have a name");
	await page.fill("#field-geminiModel-other", "gemini-9-ultra");
	await inspect(page, "setup-model");
	await toSave(page);
	await page.reload();
	ok(await visible(page, "#connections") &&
		(await page.inputValue("#field-geminiModel-other")) ===
		"gemini-9-ultra", "model: kept over a reload");
	await page.fill("#field-geminiApiKey", "gemini-key-1234");
	await toSave(page);
	await save(page);
	ok(mock.state.saved.geminiModel === "gemini-9-ultra",
		"model: is sent", mock.state.saved);
	await done(page);
}

// A typed key is gone after a reload, and the page says so.
{
	const page = await at();
	await page.click("#fresh");
	await fillConnections(page, { jellyfinUrl: "http://media.home:8096",
		jellyseerrUrl: "http://media.home:5055",
		jellyseerrApiKey: "typed-key-1234" }, ["gemini"]);
	await toSave(page);
	await page.reload();
	ok(await visible(page, "#connections") &&
		await says(page, "#field-jellyseerrApiKey-help", en.connect.keyLost),
	"reload: asks for the key again, and says why");
	await done(page);
}

// A kept key and another address: asked before anything is sent.
{
	const page = await at({ staged: ready() });
	await toConnections(page);
	await fillConnections(page, { jellyseerrUrl: "http://other:5055" });
	await page.click("#test");
	ok(await says(page, "dialog", "http://jellyseerr:5055") &&
		await says(page, "dialog", "http://other:5055"),
	"reuse: old and new address are shown");
	ok(asked("POST", "verify").length === 0, "reuse: nothing was sent yet");
	await inspect(page, "setup-reuse");
	await page.click("dialog button:first-of-type");
	ok(await focused(page, "field-jellyseerrApiKey") &&
		asked("POST", "verify").length === 0,
	"reuse: no leads to the key", await focusIn(page));
	await page.click("#test");
	await page.click("dialog button:last-of-type");
	ok(await says(page, "#result-jellyseerr", en.connect.ok),
		"reuse: yes sends it");
	ok(asked("POST", "verify")[0].body.reuseKey?.[0] === "jellyseerr",
		"reuse: and says so to the server");
	await done(page);
}
{
	// The server knows better: 422 with the field.
	const page = await at({ staged: ready() });
	await toConnections(page);
	let first = true;
	mock.api["POST /api/system/verify"] = () => {
		const answer = first ? bad(422, "key_moved",
			"The kept key belongs to another address.",
			{ body: { field: "jellyseerrApiKey" } }) : { body: verified };
		first = false;
		return answer;
	};
	await page.click("#test");
	await page.click("dialog button:last-of-type");
	ok(await says(page, "#result-jellyseerr", en.connect.ok),
		"reuse: a refusal of the server leads to the same question");
	await done(page);
}

// Lists without a name: whose are they?
{
	const staged = ready();
	staged.preview.format = "bare-data";
	staged.preview.users = [{ ...preview.users[0], username: "" }];
	staged.preview.config = null;
	staged.preview.warnings = [];
	staged.preview.warningsTotal = 0;
	staged.preview.exportedAt = null;
	staged.preview.version = null;
	const page = await at({ staged });
	await inspect(page, "setup-inside-bare");
	await toConnections(page);
	await fillConnections(page, { jellyfinUrl: "http://media.home:8096" },
		["jellyseerr", "gemini"]);
	await toSave(page);
	await page.click("#save-send");
	ok(await page.isVisible("#owner-error"), "owner: has to be named");
	await inspect(page, "setup-save-owner");
	await page.fill("#owner", "john");
	await save(page);
	ok(mock.state.saved.assignTo === "john", "owner: is sent");
	await done(page);
}

// A changed file: only when its owner says so.
{
	const staged = ready();
	staged.preview.integrity = "changed";
	const page = await at({ staged });
	ok(await page.isDisabled("#inside-next"), "changed: not without a word");
	await inspect(page, "setup-inside-changed");
	await toConnections(page);
	ok(await page.isVisible("#connections"), "changed: on after it");
	await done(page);
}

// Others: someone was faster, a fault while saving, set up already.
for (const [status, words, name] of [
	[409, en.errors.already_configured.what, "faster"],
	[401, en.errors.already_configured.what, "faster-401"],
	[500, en.save.unknown, "fault"]]) {
	const page = await at();
	await page.click("#fresh");
	await fillConnections(page, { jellyfinUrl: "http://media.home:8096" },
		["jellyseerr", "gemini"]);
	await toSave(page);
	mock.api["POST /api/system/setup"] = () => bad(status, "any",
		"It did not go.");
	await page.click("#save-send");
	ok(await says(page, "#trouble", words), `save: ${status} is explained`,
		await page.textContent("#trouble"));
	await inspect(page, `setup-save-${name}`);
	await done(page);
}
{
	const page = await at({ configured: true });
	ok(await page.isVisible("#configured"), "configured: says so");
	await inspect(page, "setup-configured");
	await done(page);
}
{
	mock.reset();
	mock.api["GET /api/system/status"] = () => "gone";
	const page = await open(browser, setup);
	ok(await says(page, "#trouble", en.errors.offline.what),
		"no server: said in words");
	await inspect(page, "setup-offline");
	mock.reset();
	await page.click("#again");
	ok(await visible(page, "#start"), "no server: goes on when it is back");
	await done(page);
}
{
	const page = await at({ staged: { state: "pending" } });
	ok(await page.isVisible("#start-pending") &&
		await page.isHidden("#choice-restore"),
	"pending: says so, and takes no other backup");
	await inspect(page, "setup-pending");
	await done(page);
}
{
	// A backup waits, but someone starts fresh.
	const page = await at({ staged: ready() });
	await visible(page, "#inside");
	await page.click("#step-start a");
	ok(await visible(page, "#start-ready"), "back: the backup still waits");
	await inspect(page, "setup-start-ready");
	await page.goBack();
	ok(await visible(page, "#inside"), "back: the browser's own way works");
	await page.click("#step-start a");
	await page.click("#fresh");
	await page.click("dialog button:last-of-type");
	ok(await visible(page, "#connections") && mock.state.staged === null,
		"fresh: the backup is forgotten after a question");
	await done(page);
}
{
	// A long archive in another language.
	const staged = ready();
	staged.preview.users = Array.from({ length: 60 }, (_, i) => ({
		...preview.users[0], username: i ? `person-${i}` :
			"averylongnamethatnobodyhasbutsomeonewilltryitanyway".repeat(2),
	}));
	staged.preview.integrity = "ok";
	staged.preview.warningsTotal = 230;
	mock.reset({ staged });
	const page = await open(browser, setup, { locale: "de-AT" });
	await visible(page, "#inside");
	await inspect(page, "setup-inside-de");
	await toConnections(page);
	await inspect(page, "setup-connections-de");
	await done(page);
}

// The keyboard alone, from the beginning to the login.
{
	const page = await at();
	const tabTo = async (id) => {
		for (let i = 0; i < 60; i++) {
			await page.keyboard.press("Tab");
			if ((await page.evaluate(() => document.activeElement.id)) === id)
				return true;
		}
		return false;
	};
	ok(await tabTo("file"), "keyboard: the file can be reached");
	const ring = await page.evaluate(() => getComputedStyle(
		document.getElementById("choice-restore")).outlineStyle);
	ok(ring === "solid", "keyboard: the focus is visible", ring);
	ok(await tabTo("fresh"), "keyboard: starting fresh too");
	await page.keyboard.press("Enter");
	await visible(page, "#connections");
	await tabTo("field-jellyfinUrl");
	await page.keyboard.type("http://media.home:8096");
	await tabTo("later-jellyseerr");
	await page.keyboard.press("Space");
	await tabTo("later-gemini");
	await page.keyboard.press("Space");
	await tabTo("test");
	await page.keyboard.press("Enter");
	ok(await says(page, "#result-jellyfin", en.connect.ok),
		"keyboard: connections are tested");
	await tabTo("connections-next");
	await page.keyboard.press("Enter");
	ok(await visible(page, "#save"), "keyboard: to the last step");
	await tabTo("save-send");
	await page.keyboard.press("Enter");
	await page.waitForURL("**/login.html*");
	ok(mock.state.configured, "keyboard: saved");
	await done(page);
}

await browser.close();
await mock.close();
finish();
