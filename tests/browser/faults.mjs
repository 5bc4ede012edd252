// What the test of a service finds, in each language.  Without this test a
// fault could be told by a bare word, in a language that nobody chose, or a
// password go to a server that is not the household's.
import { readFileSync, readdirSync } from "node:fs";
import { preview, startMock, verified } from "./mock.mjs";
import { finish, inspect, launch, ok, open, until } from "./check.mjs";
import { fillConnections, says, testConnections, toSave, visible }
	from "./flows.mjs";

const languages = [["en-GB", "en"], ["de-AT", "de"]];
const browser = await launch(process.env.JAIR_CHROMIUM);
const mock = await startMock();
const services = new URL("../../cgi-src/services/", import.meta.url);

// Every word that the server may say, as its source has them.
const source = readdirSync(services).filter((name) => name.endsWith(".c"))
	.map((name) => readFileSync(new URL(name, services), "utf8")).join("\n");
const said = new Set([
	...source.matchAll(/\[FETCH_\w+\] = "(\w+)"/g),
	...source.matchAll(/r->code = [^;"]*"(\w+)"(?: : "(\w+)")?/g),
	...source.matchAll(/return f->[^;"]*"(\w+)"(?: : "(\w+)")?/g),
	...source.matchAll(/return "(\w+)"/g),
].flatMap((found) => found.slice(1)).filter(Boolean));

const failed = (code) => ({ ok: false, code, message: "Not these words.",
	version: "3.1.0", status: 418, target: "http://elsewhere:8096",
	url: "http://media.home:8096", serverId: "", serverName: "", ms: 1 });

async function atConnections(locale, changes = {}) {
	mock.reset(changes);
	const page = await open(browser, `${mock.url}/setup.html`, { locale });
	await visible(page, "#fresh");
	await page.click("#fresh");
	await fillConnections(page, { jellyfinUrl: "http://media.home:8096",
		jellyseerrUrl: "http://media.home:5055",
		jellyseerrApiKey: "some-key-1234", geminiApiKey: "some-key-5678" });
	return page;
}

for (const [locale, lang] of languages) {
	const text = (await import(`../../html/js/strings/${lang}.js`)).default;
	const codes = Object.keys(text.connect.faults);
	ok([...said].sort().join() === [...codes].sort().join(),
		`${lang}: a sentence for each word of the server`,
		[[...said].filter((w) => !codes.includes(w)),
			codes.filter((w) => !said.has(w))]);
	const page = await atConnections(locale);
	for (const code of codes) {
		mock.api["POST /api/system/verify"] = () => ({ body: {
			jellyfin: failed(code), jellyseerr: failed(code),
			gemini: { ...failed(code), version: "", url: "" } } });
		await testConnections(page);
		const told = await page.innerText("#services");
		const begin = text.connect.faults[code].what.split(/\s*[{]/)[0];
		ok(told.includes(begin) && !/Not these words|[{}]|undefined| [.,:]/
			.test(told), `${lang}: ${code}`, told);
	}
	if (lang === "de") {
		mock.api["POST /api/system/verify"] = () => ({ body: {
			jellyfin: failed("web_page"), jellyseerr: failed("key_refused"),
			gemini: { ...failed("no_model"), url: "", version: "",
				models: ["gemini-7-flash"] } } });
		await testConnections(page);
		await inspect(page, "setup-faults-de");
	}
	ok(page.faults.length === 0, `${lang}: no fault`, page.faults);
	await page.context().close();
}

const en = (await import("../../html/js/strings/en.js")).default;
// A word that this page does not know: the server's own sentence.
{
	const page = await atConnections("de-AT");
	mock.api["POST /api/system/verify"] = () => ({ body: { ...verified,
		jellyfin: failed("from_the_future") } });
	await testConnections(page);
	ok(await says(page, "#result-jellyfin", "Not these words.") &&
		await page.isVisible('#result-jellyfin [lang="en"]'),
	"an unknown word: the server's own sentence, as English");
	await page.context().close();
}
// What the server says of a file, a login, a job: in the page's language.
{
	const de = (await import("../../html/js/strings/de.js")).default;
	const error = "The file is not valid JSON (line 3, column 7: a colon is " +
		"expected behind the key). Nothing was changed. Take the file as " +
		"the old server wrote it, or mend it at that place.";
	mock.reset({ staged: { id: "r1", state: "failed", error } });
	let page = await open(browser, `${mock.url}/setup.html`,
		{ locale: "de-DE" });
	ok(await says(page, "#trouble", "Die Datei ist kein gültiges JSON " +
		"(Zeile 3, Spalte 7: hinter dem Schlüssel wird ein Doppelpunkt " +
		"erwartet).") && await says(page, "#trouble",
		"berichtige sie an dieser Stelle") &&
		await says(page, "#trouble", de.start.nothingChanged) &&
		!await page.isVisible('#trouble [lang="en"]'),
	"de: a broken file", await page.innerText("#trouble"));
	await inspect(page, "setup-broken-de");
	await page.context().close();
	mock.reset({ staged: { id: "r1", state: "failed",
		error: "Nobody has translated this. Nothing was changed." } });
	page = await open(browser, `${mock.url}/setup.html`, { locale: "de-DE" });
	ok(await says(page, '#trouble [lang="en"]', "Nobody has translated this.") &&
		await says(page, "#trouble", de.start.brokenDo),
	"de: what is not translated is marked as English");
	await page.context().close();
	mock.reset({ configured: true });
	mock.api["POST /api/auth/login"] = () => ({ status: 401, body: {
		error: "Jellyfin does not know this name with this password.",
		code: "login_failed" } });
	page = await open(browser, `${mock.url}/login.html`, { locale: "de-DE" });
	await page.fill("#username", "john");
	await page.click("#send");
	ok(await says(page, "#trouble", "Jellyfin kennt diesen Namen mit diesem " +
		"Passwort nicht."), "de: a login that failed");
	await page.context().close();
}
// A model that there is not: those that there are can be chosen.
{
	const page = await atConnections("en-GB");
	mock.api["POST /api/system/verify"] = () => ({ body: { ...verified,
		gemini: { ...failed("no_model"), models: ["gemini-7-flash"] } } });
	await testConnections(page);
	await page.selectOption("#field-geminiModel", "gemini-7-flash");
	ok(await says(page, "#result-gemini", en.connect.wait),
		"model: one that Gemini has can be chosen");
	await page.context().close();
}
// A model of another provider, from the original, is not taken for Gemini's.
{
	const staged = { id: "r1", state: "ready", preview: { ...preview,
		config: { ...preview.config,
			geminiModel: "anthropic/claude-sonnet-4.5" } } };
	mock.reset({ staged });
	const page = await open(browser, `${mock.url}/setup.html`);
	await visible(page, "#inside");
	await page.click("#inside-next");
	await visible(page, "#connections");
	ok((await page.inputValue("#field-geminiModel")).startsWith("gemini-"),
		"model: another provider's is not filled in",
		await page.inputValue("#field-geminiModel"));
	await page.context().close();
}
// Another Jellyfin than so far: shown, and asked about before it is saved.
{
	const page = await atConnections("en-GB");
	mock.api["POST /api/system/verify"] = () => ({ body: { ...verified,
		jellyfin: { ...verified.jellyfin, otherServer: true } } });
	await testConnections(page);
	ok(await says(page, "#result-jellyfin", en.connect.otherServer) &&
		await says(page, "#result-jellyfin", "10.11.3"),
	"another server: said so", await page.innerText("#result-jellyfin"));
	await inspect(page, "setup-other-server");
	await toSave(page);
	await page.click("#save-send");
	ok(await says(page, "dialog", en.save.askOther),
		"another server: asked before saving");
	await page.keyboard.press("Escape");
	ok(await until(() => page.isHidden("dialog")) &&
		mock.state.saved === null, "another server: no saves nothing");
	await page.click("#save-send");
	await page.click("dialog button:last-child");
	ok(await until(() => mock.state.saved !== null),
		"another server: yes saves it");
	await page.context().close();
}
{
	// The settings were saved without a test; the server noticed.
	mock.reset({ configured: true, loggedIn: true });
	const page = await open(browser, `${mock.url}/settings.html`);
	await visible(page, "#editor");
	mock.api["PUT /api/system/config-editor"] = (state, body) => {
		state.saved = body;
		return body.newServer ? { body: { success: true } } : { status: 409,
			body: { error: "Another server.", code: "jellyfin_changed" } };
	};
	await page.click("#send");
	ok(await says(page, "dialog", en.save.askOther),
		"settings: another server is asked about");
	await page.click("dialog button:last-child");
	ok(await says(page, ".toast", en.settings.saved) &&
		mock.state.saved.newServer === true, "settings: yes says so");
	await page.context().close();
}

await browser.close();
await mock.close();
finish();
