// A first start on the real server.  Without this test nobody might get from
// an empty server to their first page, or someone else get there first.
import { existsSync } from "node:fs";
import { finish, ok, until } from "./check.mjs";
import { browser, enter, everything, finishSetup, addresses, kinds, leaks,
	leave, secret, startServer, startServices, state, visit }
	from "./household.mjs";
import { fillConnections, save, says, testConnections, toSave, typeCode,
	visible } from "./flows.mjs";

const en = (await import("../../html/js/strings/en.js")).default;
const services = await startServices();
const configured = (server) => server.query(
	"SELECT count(*) FROM SystemConfig WHERE isConfigured");
const stored = (page) => page.evaluate(() =>
	JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));

// Fresh start, wrong keys and then right ones, a reload at each step.
async function freshInstall() {
	const server = await startServer(services);
	const page = await visit(server);
	await page.waitForURL("**/setup.html");
	ok(await visible(page, "#fresh"), "fresh: the first page leads here");
	await state(page, "start");
	await page.click("#fresh");
	await fillConnections(page, { ...everything(services),
		jellyfinUrl: `${services.jellyfin.url}/web/index.html#!/home`,
		jellyseerrApiKey: "wrong-key-1", geminiApiKey: "wrong-key-2" });
	ok(await testConnections(page) &&
		(await kinds(page)) === "ok bad bad", "fresh: wrong keys are found",
	await kinds(page));
	ok(await says(page, "#result-jellyseerr", "refused the API key") &&
		await says(page, "#result-gemini", "key"), "fresh: and named",
	await page.textContent("#services"));
	await state(page, "keys-wrong");
	await page.reload();
	ok(await visible(page, "#connections") && (await page.inputValue(
		"#field-jellyfinUrl")) === services.jellyfin.url,
	"fresh: a reload keeps the addresses");
	ok((await page.inputValue("#field-geminiApiKey")) === "" &&
		await says(page, "#services", en.connect.keyLost),
	"fresh: and forgets the keys, and says so");
	await fillConnections(page, { jellyseerrApiKey: secret.seerr,
		geminiApiKey: secret.gemini });
	ok(await testConnections(page) &&
		(await kinds(page)) === "ok ok ok", "fresh: right keys work",
	await page.textContent("#services"));
	ok(await says(page, "#result-jellyfin", "10.11.3"),
		"fresh: what was found is named");
	await state(page, "keys-right");
	await toSave(page);
	await state(page, "save");
	await page.reload();
	ok(await visible(page, "#connections"),
		"fresh: a reload before saving asks for the keys again");
	ok(configured(server) === "0", "fresh: nothing is saved before Save");
	await fillConnections(page, { jellyseerrApiKey: secret.seerr,
		geminiApiKey: secret.gemini });
	await toSave(page);
	await save(page);
	ok(await says(page, "#note", en.login.ready), "fresh: then the login");
	ok(server.query("SELECT jellyfinUrl, jellyseerrUrl, jellyseerrApiKey, " +
		"geminiApiKey, isConfigured FROM SystemConfig") ===
		`${services.jellyfin.url}|${services.seerr.url}|${secret.seerr}|` +
		`${secret.gemini}|1`, "fresh: all of it is in the database");
	ok((await stored(page)) === "[{},{}]", "fresh: nothing is remembered",
		await stored(page));
	await state(page, "login");
	await page.reload();
	ok(await visible(page, "#form"), "fresh: a reload stays at the login");
	await enter(page, "jesse");
	ok(await says(page, "#hello", "jesse") &&
		await says(page, "#server", services.jellyfin.url),
	"fresh: the first page");
	await state(page, "home");
	await page.reload();
	ok(await says(page, "#hello", "jesse"), "fresh: one stays logged in");
	await page.goto(`${server.url}/setup.html`);
	ok(await visible(page, "#configured"), "fresh: the setup is closed");
	await state(page, "configured");
	await leave(page);
	await server.close();
}

// The setup code: none, a wrong one, the link of the boot.
async function setupCode() {
	const server = await startServer(services,
		{ JAIR_SETUP_CODE_REQUIRED: "1" });
	const page = await visit(server, "/setup.html");
	await typeCode(page, "0123456789abcdef0123456789abcdef");
	ok(await says(page, "#trouble", en.errors.setup_code_wrong.what),
		"code: a wrong one is said to be wrong");
	await state(page, "code-wrong", [server.code]);
	await leave(page);
	const owner = await visit(server, `/setup.html#code=${server.code}`);
	ok(await visible(owner, "#start"), "code: the link of the boot leads on");
	ok(!owner.url().includes(server.code), "code: not in the address");
	ok(!(await owner.content()).includes(server.code), "code: not in the page");
	await owner.reload();
	ok(await visible(owner, "#start"), "code: a reload needs no new one");
	await owner.click("#fresh");
	await finishSetup(owner, services);
	ok(configured(server) === "1", "code: saved");
	ok((await leaks(owner, [server.code])).length === 0,
		"code: the browser has forgotten it");
	ok(!existsSync(`${server.data}/setup_code`), "code: so has the server");
	await leave(owner);
	await server.close();
}

async function toSaveStep(server) {
	const page = await visit(server, "/setup.html");
	await page.click("#fresh");
	await fillConnections(page, addresses(services),
		["jellyseerr", "gemini"]);
	await toSave(page);
	return page;
}

// Two people in the setup at once.
async function twoBrowsers() {
	const server = await startServer(services);
	const both = await Promise.all([toSaveStep(server), toSaveStep(server)]);
	await Promise.all(both.map((page) => page.click("#save-send")));
	const at = async (page) => page.url().includes("/login.html") ? "login" :
		await page.isVisible("#configured") ? "told" : "";
	await until(async () => (await at(both[0])) && (await at(both[1])));
	const ends = [await at(both[0]), await at(both[1])];
	ok([...ends].sort().join() === "login,told",
		"two at once: one wins, the other is told", ends);
	const loser = both[ends.indexOf("told")] || both[0];
	ok(await says(loser, "#trouble", en.errors.already_configured.what),
		"two at once: in words", await loser.textContent("main"));
	await state(loser, "faster");
	await Promise.all(both.map(leave));
	await server.close();
}

// The keyboard alone, with a backup, from the link to the first page.
async function keyboard() {
	const server = await startServer(services);
	const page = await visit(server, "/setup.html");
	await visible(page, "#start");
	const focused = () => page.evaluate(() => document.activeElement.id);
	const tabTo = async (id) => {
		for (let i = 0; i < 80 && (await focused()) !== id; i++)
			await page.keyboard.press("Tab");
		return (await focused()) === id;
	};
	const press = async (id, key = "Enter") => {
		const there = await tabTo(id);
		await page.keyboard.press(key);
		return there;
	};
	const type = async (id, words) => {
		const there = await tabTo(id);
		await page.keyboard.press("Control+A");
		await page.keyboard.type(words);
		return there;
	};
	const asked = page.waitForEvent("filechooser");
	ok(await press("file"), "keyboard: the file can be reached");
	await (await asked).setFiles("tests/fixtures/archives/v2.8.10-small.json");
	ok(await visible(page, "#inside"), "keyboard: it is taken");
	ok(await press("inside-next"), "keyboard: on from what is inside");
	ok(await visible(page, "#connections"), "keyboard: to the connections");
	ok(await type("field-jellyfinUrl", services.jellyfin.url),
		"keyboard: Jellyfin's address");
	ok(await press("later-jellyseerr", "Space"), "keyboard: Seerr later");
	ok(await press("later-gemini", "Space"), "keyboard: Gemini later");
	ok(await press("test"), "keyboard: test");
	ok(await says(page, "#result-jellyfin", en.connect.ok),
		"keyboard: connected", await page.textContent("#services"));
	ok(await press("connections-next") && await visible(page, "#save"),
		"keyboard: on to save");
	ok(await press("save-send"), "keyboard: save");
	await page.waitForURL("**/login.html*");
	await visible(page, "#form");
	ok(await type("username", "jesse") &&
		await type("password", secret.password), "keyboard: name, password");
	await page.keyboard.press("Enter");
	await page.waitForURL("**/welcome.html");
	ok(await visible(page, "#done"), "keyboard: welcome back");
	for (let i = 0; i < 20 && !await page.evaluate(() =>
		document.activeElement.matches("#done .button")); i++)
		await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	ok(await visible(page, "#who"), "keyboard: the first page");
	ok(page.faults.length === 0, "keyboard: no fault", page.faults);
	await leave(page);
	await server.close();
}

await freshInstall();
await setupCode();
await twoBrowsers();
await keyboard();
await browser.close();
await services.close();
finish();
