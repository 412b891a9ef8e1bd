//! The page as it stands there: on every screen, in both colours, with and without motion.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use shardscope_page_tests::{Browser, PAGE, Screen, picture, setting};

use super::tools::fill;
use super::visitor::Visitor;

/// A projector, a laptop, a large screen, a phone upright and on its side.
const SIZES: [(u32, u32); 5] = [(1280, 720), (1366, 768), (1920, 1080), (390, 844), (844, 390)];

/// Texts that are seen and smaller than 12 pixels.
const TINY: &str = "[...document.querySelectorAll('body *')].filter((node) => \
    [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()) \
    && node.checkVisibility() && parseFloat(getComputedStyle(node).fontSize) < 12)\
    .map((node) => node.textContent)";

/// Words and discs of the stage, and buttons, that lie over one another: pairs of their texts.
const OVERLAPS: &str = "(() => { const box = (node) => node.getBoundingClientRect(); \
    const all = [...document.querySelectorAll('.server .role, .server .term, .server .disc, \
    .client .pill, .client text, .legend .toggle, .legend .kind text, .crown, .row .disc, \
    .row .cell rect, .row .pair rect, .row text.more, .corner, .row .role, .row .term, \
    .header h1, .header > p, .verdict, \
    .header .tool, .narration h2, .narration p, .narration button, .transport button, .clock, \
    .tabs button, .invariants li')].filter((node) => node.checkVisibility() \
    && box(node).width > 0); const found = []; \
    all.forEach((a, i) => all.slice(i + 1).forEach((b) => { const [p, q] = [box(a), box(b)]; \
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left); \
    const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top); \
    const inside = a.matches('.pill') && a.parentNode === b.parentNode; \
    if (wide > 2 && high > 2 && !inside) found.push(`${a.className.baseVal ?? a.className} \
    ${a.textContent} / ${b.className.baseVal ?? b.className} ${b.textContent}`); })); \
    return found; })()";

/// What leaves the window, though it should be seen without scrolling.
const OUTSIDE: &str = "[...document.querySelectorAll('.server .disc, .client .pill, .primary, \
    .transport button, .clock, .tabs button, .header .tool')].filter((node) => { \
    if (!node.checkVisibility()) return false; const box = node.getBoundingClientRect(); \
    return box.width > 0 && (box.left < 0 || box.top < 0 || box.right > innerWidth + 1 \
    || box.bottom > innerHeight + 1); }).map((node) => node.outerHTML.slice(0, 80))";

/// How many things on the stage the keyboard can be on.
const SPOTS: &str =
    "document.querySelectorAll('[data-test=stage] [tabindex][role=button][aria-label]').length";

/// How bright the page's ground is, from 0 to 255, and texts that stand out from their ground by
/// less than 4.5 to 1. Backgrounds are laid over one another on a canvas, as the page lays them.
const COLOURS: &str = "(() => { const canvas = document.createElement('canvas'); \
    canvas.width = canvas.height = 1; const pen = canvas.getContext('2d'); \
    const lay = (colour) => { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); \
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3); }; \
    const light = (rgb) => { const [r, g, b] = rgb.map((c) => c / 255) \
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); \
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; }; \
    const ground = (node) => { if (!node) return lay('white'); ground(node.parentElement); \
    return lay(getComputedStyle(node).backgroundColor); }; \
    const texts = [...document.querySelectorAll('.header h1, .header > p, .verdict, \
    .narration h2, .narration p, .narration button, .transport button, .clock, .tabs button, \
    .invariants li, .legend text, .row .role, .row .term, .server .role, .server .term')] \
    .filter((node) => node.checkVisibility() && node.textContent.trim() && !node.disabled \
    && node.ariaDisabled !== 'true'); \
    const faint = texts.map((node) => { const under = light(ground(node)); \
    const style = getComputedStyle(node); \
    const ink = node.ownerSVGElement ? style.fill : style.color; \
    const over = light(lay(ink)); \
    return [(Math.max(under, over) + 0.05) / (Math.min(under, over) + 0.05), node.textContent]; }) \
    .filter(([ratio]) => ratio < 4.5).map(([ratio, text]) => `${ratio.toFixed(2)} ${text}`); \
    return { ground: Math.max(...ground(document.body)), texts: texts.length, faint }; })()";

/// Watches one flight from its first frame to its twentieth while time runs: on how many places it
/// was seen, and how many microseconds passed.
const FLIGHT: &str = "return new Promise((done) => { let watched, places, frames, begun; \
    const clock = () => Number(document.querySelector('[data-test=clock]').dataset.micros); \
    const look = () => { if (!watched?.isConnected) { \
    watched = [...document.querySelectorAll('[data-test=flight]')].pop(); \
    [places, frames, begun] = [new Set(), 0, clock()]; } \
    if (watched) { places.add(watched.querySelector(':scope > g').getAttribute('transform')); \
    frames += 1; } \
    if (frames > 20 && clock() > begun) done([places.size, clock() - begun]); \
    else requestAnimationFrame(look); }; look(); })";

/// A page is drawn at once, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// The ground is dark or light, and what is written on it can be read.
fn paints(browser: &Browser, dark: bool) -> Result<()> {
    let colours = browser.eval(COLOURS)?;
    let ground = colours["ground"].as_u64().context("the ground has no colour")?;
    ensure!(if dark { ground < 60 } else { ground > 200 }, "the ground is {ground} of 255 bright");
    ensure!(colours["texts"].as_u64() > Some(10), "hardly a text was looked at: {colours}");
    ensure!(colours["faint"] == serde_json::json!([]), "too faint: {}", colours["faint"]);
    Ok(())
}

/// Whether the page plays.
const PLAYS: &str = "document.querySelector('[data-test=play]').dataset.playing";

/// On how many places a flight is seen within twenty frames of time that runs.
fn places_of_a_flight(visitor: &Visitor) -> Result<u64> {
    visitor.wait_for_leader(0)?;
    let seen = visitor.browser.run(FLIGHT)?;
    ensure!(seen[1].as_u64() > Some(0), "time stood still: {seen}");
    seen[0].as_u64().context("no flight was seen")
}

/// Loads the page and checks what must hold however it is looked at.
fn visit(screen: Screen) -> Result<()> {
    let Screen { width, height, dark, still } = screen;
    let name = format!(
        "{width}x{height}-{}{}",
        if dark { "dark" } else { "light" },
        if still { "-still" } else { "" }
    );
    let browser = Browser::open()?;
    browser.look(screen)?;
    browser.goto(&format!("{}#seed=7", setting(PAGE)?))?;
    let drawn = "document.querySelector('h1') && document.querySelector('main')";
    browser.wait_for(drawn, PATIENCE)?;
    browser.run("return document.fonts.ready.then(() => true)")?;
    assert_eq!(browser.title()?, "Shardscope");
    assert_eq!(browser.errors()?, [], "{name}: the console has errors");
    assert_eq!(browser.eval("innerWidth")?, width, "{name}: the page is not as wide as asked");
    let sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
    assert_eq!(browser.eval(sideways)?, false, "{name}: the page scrolls sideways");
    // The first words on the picture give way at the first action; then everything must fit.
    if !still {
        browser.wait_for("document.querySelector('[data-role=leader]')", PATIENCE)?;
    }
    for (what, none) in [(TINY, "is too small"), (OVERLAPS, "overlaps"), (OUTSIDE, "is cut off")] {
        let found = browser.eval(what)?;
        assert_eq!(found, serde_json::json!([]), "{name}: something {none}");
    }
    paints(&browser, dark).with_context(|| name.clone())?;
    // Five servers, the links between them, two clients.
    assert_eq!(browser.eval(SPOTS)?, 5 + 10 + 2, "{name}: the keyboard cannot reach everything");
    browser.screenshot(&picture(&name)?)?;
    Ok(())
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn in_light() -> Result<()> {
    SIZES.into_iter().try_for_each(|(width, height)| visit(Screen::new(width, height)))
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn in_dark() -> Result<()> {
    SIZES.into_iter().try_for_each(|(width, height)| visit(Screen::new(width, height).dark(true)))
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn with_little_motion() -> Result<()> {
    let screen = Screen::new(1280, 720);
    visit(screen.still(true))?;
    let visitor = Visitor::arrive(screen.still(true), 7)?;
    assert_eq!(visitor.words(PLAYS)?, "false", "it plays unasked");
    ensure!(visitor.clock_stands()?, "time runs unasked");
    visitor.click("[data-test=play]")?;
    assert_eq!(places_of_a_flight(&visitor)?, 1, "a message moves");
    visitor.leave()?;
    // For others it does move: otherwise the above would say nothing.
    let visitor = Visitor::arrive(screen, 7)?;
    assert_eq!(visitor.words(PLAYS)?, "true");
    let places = places_of_a_flight(&visitor)?;
    assert!(places > 3, "a message was seen on {places} places");
    visitor.leave()
}

/// The largest group that the settings allow, with clients; and more clients than have room.
#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn nine_servers_and_many_clients_fit() -> Result<()> {
    let visitor = Visitor::arrive(Screen::new(1280, 720), 7)?;
    for (clients, rest) in [("6", 0), ("32", 1)] {
        visitor.click("[data-test=menu]")?;
        visitor.wait_to_see("[data-test=settings]")?;
        visitor.click("[data-test=settings]")?;
        visitor.wait_to_see("dialog[open][data-test=settings-dialog]")?;
        fill(&visitor, "set-servers", "9")?;
        fill(&visitor, "set-clients", clients)?;
        visitor.click("[data-test=settings-apply]")?;
        visitor.wait("document.querySelectorAll('[data-test=row]').length === 9")?;
        let shared = "document.querySelectorAll('[data-test=rest]').length";
        visitor.wait(&format!("{shared} === {rest}"))?;
        visitor.wait_for_leader(0)?;
        for (what, none) in [(OVERLAPS, "overlaps"), (OUTSIDE, "is cut off")] {
            let found = visitor.browser.eval(what)?;
            assert_eq!(found, serde_json::json!([]), "{clients} clients: something {none}");
        }
    }
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn what_the_visitor_prefers_reaches_the_page() -> Result<()> {
    let screen = Screen::new(1280, 720);
    for (dark, still) in [(true, true), (false, false)] {
        let visitor = Visitor::arrive(screen.dark(dark).still(still), 7)?;
        paints(&visitor.browser, dark)?;
        assert_eq!(visitor.words(PLAYS)?, (!still).to_string());
        // Whoever changes their mind need not load the page again.
        visitor.browser.look(screen.dark(!dark).still(still))?;
        paints(&visitor.browser, !dark).context("after a change of mind")?;
        visitor.leave()?;
    }
    Ok(())
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn an_inline_script_is_refused_and_seen() -> Result<()> {
    let browser = Browser::open()?;
    browser.goto(&setting(PAGE)?)?;
    browser.run(
        "const script = document.createElement('script'); \
         script.textContent = 'window.intruder = true'; document.head.append(script);",
    )?;
    assert_eq!(browser.eval("window.intruder === undefined")?, true);
    let errors = browser.errors()?;
    assert!(
        errors.iter().any(|entry| entry.message.contains("Content Security Policy")),
        "the policy must say what it refused: {errors:?}"
    );
    Ok(())
}
