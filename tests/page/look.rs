//! The page as it stands there: on every screen, in both colours, with and without motion.

use std::time::Duration;

use anyhow::Result;
use shardscope_page_tests::{Browser, PAGE, Screen, picture, setting};

/// A projector, a laptop, a phone.
const SIZES: [(u32, u32); 3] = [(1280, 720), (1366, 768), (390, 844)];

/// A page is drawn at once, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

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
    browser.goto(&setting(PAGE)?)?;
    browser.wait_for("document.querySelector('main h1')", PATIENCE)?;
    browser.run("return document.fonts.ready.then(() => true)")?;
    browser.screenshot(&picture(&name)?)?;
    assert_eq!(browser.title()?, "Shardscope");
    assert_eq!(browser.errors()?, [], "{name}: the console has errors");
    assert_eq!(browser.eval("innerWidth")?, width, "{name}: the page is not as wide as asked");
    let sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
    assert_eq!(browser.eval(sideways)?, false, "{name}: the page scrolls sideways");
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
    visit(Screen::new(1280, 720).still(true))
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn what_the_visitor_prefers_reaches_the_page() -> Result<()> {
    let browser = Browser::open()?;
    browser.look(Screen::new(1280, 720).dark(true).still(true))?;
    browser.goto(&setting(PAGE)?)?;
    assert_eq!(browser.eval("matchMedia('(prefers-color-scheme: dark)').matches")?, true);
    assert_eq!(browser.eval("matchMedia('(prefers-reduced-motion: reduce)').matches")?, true);
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
