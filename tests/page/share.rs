//! A moment of a run is shared by its address: whoever opens it sees the same.

use anyhow::Result;
use shardscope_page_tests::Screen;

use super::visitor::Visitor;

const LAPTOP: Screen = Screen::new(1280, 720);
const PHONE: Screen = Screen::new(390, 844);

/// What the page draws of the moment: the clock, the servers with their logs, the groups.
const SHOWN: &str = "document.querySelector('[data-test=clock]').dataset.micros + ' ' + \
    [...document.querySelectorAll('.drawing .server, .drawing .row, .drawing .gcard')]\
    .map((node) => node.textContent).join(' ')";
/// What stands under the narration.
const SAYS: &str = "document.querySelector('[data-test=consequence]').textContent";
/// The address in the dialog.
const LINK: &str = "document.querySelector('[data-test=share-link]').value";
const PAUSED: &str = "[data-test=play][data-playing=false]";
const OPENED: &str = "the moment that the address leads to";

/// The part of the shared address behind the page's own.
fn link(visitor: &Visitor) -> Result<String> {
    visitor.wait_to_see("[data-test=share-link]")?;
    let link = visitor.words(LINK)?;
    let (_, behind) = link.split_once('#').unwrap_or_default();
    assert!(behind.starts_with("run="), "{link}");
    assert_eq!(visitor.words("window.location.href")?, link, "the address has it too");
    Ok(format!("#{behind}"))
}

/// Waits until a sentence stands under the narration.
fn wait_for(visitor: &Visitor, sentence: &str) -> Result<()> {
    visitor.wait(&format!("{SAYS}.includes('{sentence}')"))
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_moment_is_shared_by_mouse_and_opened_elsewhere() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    visitor.wait_for_leader(0)?;
    visitor.click_primary("Crash")?;
    let crashed = visitor.clock()?;
    visitor.wait_for_clock(&format!("> {crashed} + 30000"))?;
    visitor.click("[data-test=play]")?;
    visitor.wait_to_see(PAUSED)?;
    let shown = visitor.words(SHOWN)?;
    visitor.click("[data-test=menu]")?;
    visitor.click("[data-test=share]")?;
    let link = link(&visitor)?;
    visitor.click("[data-test=copy-link]")?;
    wait_for(&visitor, "the clipboard")?;
    let other = Visitor::arrive_at(LAPTOP, &link)?;
    wait_for(&other, OPENED)?;
    other.wait_to_see(PAUSED)?;
    assert_eq!(other.words(SHOWN)?, shown);
    // Both go on in the same way, and what was done can be undone there.
    for visitor in [&visitor, &other] {
        visitor.press(&["Escape", ".", ".", "."])?;
    }
    assert_eq!(other.words(SHOWN)?, visitor.words(SHOWN)?);
    other.press(&["Control+z"])?;
    other.wait_for_clock(&format!("<= {crashed}"))?;
    visitor.leave()?;
    other.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_moment_of_many_groups_is_shared_by_keyboard_and_kept_when_loaded_anew() -> Result<()> {
    let visitor = Visitor::knock(PHONE, "#groups=2&seed=3")?;
    visitor.wait_to_see("[data-test=controller][data-config='1']")?;
    visitor.press(&["Space"])?;
    visitor.wait_to_see(PAUSED)?;
    visitor.press(&["s"])?;
    let link = link(&visitor)?;
    visitor.press(&["Escape"])?;
    visitor.wait_to_miss("[data-test=share-link]")?;
    let shown = visitor.words(SHOWN)?;
    let other = Visitor::knock(PHONE, &link)?;
    wait_for(&other, OPENED)?;
    assert_eq!(other.words(SHOWN)?, shown);
    other.press(&[".", ".", ".", "."])?;
    let later = other.words(SHOWN)?;
    assert_ne!(later, shown);
    other.browser.run("window.before = true; location.reload(); return true")?;
    other.wait("!window.before && document.querySelector('[data-test=clock]')")?;
    wait_for(&other, OPENED)?;
    assert_eq!(other.words(SHOWN)?, later, "the last run is there again");
    visitor.leave()?;
    other.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_bad_address_gets_a_sentence_and_the_run_stays() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    visitor.press(&["Space"])?;
    visitor.wait_to_see(PAUSED)?;
    let shown = visitor.words(SHOWN)?;
    visitor.press(&["s"])?;
    let good = link(&visitor)?;
    visitor.press(&["Escape"])?;
    let long = "A".repeat(9_000);
    let cut = &good[..good.len() - 3];
    for (hash, says) in [
        ("#run=", "The link is empty"),
        ("#run=%3Cscript%3E", "letters, digits"),
        (cut, "damaged or cut off"),
        (&format!("#run={long}"), "at most 8192 characters"),
        ("#run=AgAAAAAAAAAA", "damaged"),
    ] {
        visitor.browser.run(&format!("location.hash = '{hash}'; return true"))?;
        wait_for(&visitor, says)?;
        assert_eq!(visitor.words(SHOWN)?, shown, "{hash}");
    }
    visitor.browser.run(&format!("location.hash = '{good}'; return true"))?;
    wait_for(&visitor, OPENED)?;
    assert_eq!(visitor.words(SHOWN)?, shown);
    let stranger = Visitor::arrive_at(LAPTOP, "#run=nonsense")?;
    wait_for(&stranger, "damaged")?;
    stranger.wait_for_leader(0)?;
    stranger.leave()?;
    visitor.leave()
}
