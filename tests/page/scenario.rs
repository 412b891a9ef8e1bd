//! What a visitor does with the page: by mouse, by keyboard alone, and by finger on a phone.

use anyhow::{Context, Result, ensure};
use shardscope_page_tests::Screen;

use super::visitor::{CUTS, SIDEWAYS, Visitor};

/// The run that is visited.
const SEED: u64 = 7;

/// Time runs by itself; the middle of the speed's dial makes it a tenth of real time.
fn watch_time_run(visitor: &Visitor) -> Result<()> {
    visitor.wait_to_see("[data-test=play][data-playing=true]")?;
    visitor.wait_for_clock(&format!("> {}", visitor.clock()?))?;
    visitor.click("[data-test=speed]")?;
    visitor.wait("Math.abs(document.querySelector('[data-test=speed]').value - -100) <= 10")
}

/// Crashes the leader and restarts it once another leads.
fn crash_and_restart(visitor: &Visitor) -> Result<()> {
    let first = visitor.wait_for_leader(0)?;
    visitor.click_primary("Crash the leader")?;
    visitor.wait_for_health(&first.name, "down")?;
    let second = visitor.wait_for_leader(first.term)?;
    assert_ne!(first.name, second.name, "a server that is down cannot lead");
    visitor.click_primary(&format!("Restart {}", first.name))?;
    visitor.wait_for_health(&first.name, "up")
}

/// The walk goes on: cuts the leader off with one follower, waits for the other side's leader, and
/// heals. Returns the moment of the cut.
fn cut_off_and_heal(visitor: &Visitor) -> Result<u64> {
    let old = visitor.wait_for_leader(0)?;
    visitor.click("[data-test=play]")?;
    visitor.wait_to_see("[data-test=play][data-playing=false]")?;
    let cut = visitor.clock()?;
    visitor.click_primary(&format!("Cut {} off with S", old.name))?;
    // Two servers on one side, three on the other, and each pair between them.
    visitor.wait(&format!("{CUTS} === 6"))?;
    assert_eq!(visitor.clock()?, cut, "cutting took time");
    // What comes next needs time, which stands still.
    visitor.click_primary("Play")?;
    visitor.wait("document.querySelectorAll('[data-test=stage].cuts .blob').length === 2")?;
    let primary = "document.querySelector('[data-test=primary]')";
    let waits = "textContent === 'Heal, once a majority has a leader'";
    visitor.wait(&format!("{primary}.{waits} && {primary}.ariaDisabled === 'true'"))?;
    visitor.click_primary("Heal the network")?;
    let new = visitor.wait_for_leader(old.term)?;
    assert_ne!(old.name, new.name, "the minority elected a leader");
    visitor.wait(&format!("{CUTS} === 0"))?;
    visitor.wait_to_miss("[data-test=stage].cuts")?;
    Ok(cut)
}

/// Goes back in time: to before the cut, step by step, and on the time axis.
fn rewind(visitor: &Visitor, cut: u64) -> Result<()> {
    visitor.click("[data-test=play]")?;
    visitor.wait_to_see("[data-test=play][data-playing=false]")?;
    ensure!(visitor.clock_stands()?, "time goes on while paused");
    visitor.click_primary("Rewind to before the cut")?;
    visitor.wait_for_clock(&format!("< {cut}"))?;
    visitor.wait_to_miss(".primary[aria-disabled=true]")?;
    ensure!(visitor.clock_stands()?, "time goes on after the rewind");
    let before = cut - visitor.clock()?;
    assert!((1..=1_000).contains(&before), "{before} µs before the cut");
    assert_eq!(visitor.number(CUTS)?, 0, "before the cut there is no cut");
    visitor.wait_to_see("[data-test=play][data-playing=false]")?;
    visitor.click("[data-test=play]")?;
    visitor.wait(&format!("{CUTS} === 6"))?;
    visitor.click("[data-test=play]")?;
    visitor.wait_to_see("[data-test=play][data-playing=false]")?;
    assert!(visitor.clock()? >= cut, "the cut happened again, too early");
    let steps = |test: &str| (0..5).try_for_each(|_| visitor.click(test));
    steps("[data-test=step]")?;
    let late = visitor.clock()?;
    steps("[data-test=step-back]")?;
    visitor.wait_for_clock(&format!("< {late}"))?;
    steps("[data-test=step]")?;
    visitor.wait_for_clock(&format!("=== {late}"))?;
    scrub_back(visitor)?;
    visitor.wait_for_clock(&format!("< {late}"))?;
    ensure!(visitor.clock_stands()?, "time goes on after scrubbing");
    Ok(())
}

/// Clicks on the time axis, half-way between the cursor and the lanes' names.
fn scrub_back(visitor: &Visitor) -> Result<()> {
    let beside = visitor.browser.eval(
        "(() => { const edge = (selector) => document.querySelector(selector)\
         .getBoundingClientRect(); const axis = edge('[data-test=scrubber]'); \
         const cursor = edge('.playhead line').x, names = axis.x + 84; \
         return Math.round((cursor + names) / 2 - (axis.x + axis.width / 2)); })()",
    )?;
    let beside = i32::try_from(beside.as_i64().context("the cursor is nowhere")?)?;
    // On the numbers below the lanes: a click on an operation would inspect it.
    let half = "document.querySelector('[data-test=scrubber]').getBoundingClientRect().height / 2";
    let below = i32::try_from(visitor.number(&format!("Math.floor({half})"))?)? - 12;
    visitor.browser.click_at(&visitor.browser.find("[data-test=scrubber]")?, (beside, below))
}

/// Acts in the past: that starts a branch and keeps the other future.
fn fork_and_return(visitor: &Visitor, head: u64) -> Result<()> {
    let branches = "document.querySelector('[data-test=branches]')";
    assert_eq!(visitor.number(&format!("{branches}.dataset.count"))?, 1);
    let first = visitor.words(&format!("{branches}.value"))?;
    let up = "document.querySelector('[data-test=server][data-health=up]').dataset.server";
    let server = visitor.words(up)?;
    visitor.browser.click_at(&visitor.disc(&server)?, (0, 0))?;
    visitor.wait_to_see("[data-test=inspector] [data-test=crash]")?;
    visitor.click("[data-test=inspector] [data-test=crash]")?;
    visitor.wait_for_health(&server, "down")?;
    visitor.wait(&format!("{branches}.dataset.count === '2' && {branches}.value !== '{first}'"))?;
    visitor.click(&format!("[data-test=branches] option[value='{first}']"))?;
    visitor.wait(&format!("{branches}.value === '{first}'"))?;
    if visitor.browser.eval("document.querySelector('[data-test=live]').disabled")? == false {
        visitor.click("[data-test=live]")?;
    }
    visitor.wait_for_clock(&format!(">= {head}"))?;
    visitor.wait_for_health(&server, "up")?;
    assert_eq!(visitor.words(&format!("{branches}.dataset.count"))?, "2");
    Ok(())
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn by_mouse() -> Result<()> {
    let visitor = Visitor::arrive(Screen::new(1280, 720), SEED)?;
    watch_time_run(&visitor)?;
    crash_and_restart(&visitor)?;
    let cut = cut_off_and_heal(&visitor)?;
    let healed = visitor.clock()?;
    rewind(&visitor, cut)?;
    fork_and_return(&visitor, healed)?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_partition_is_made_in_its_dialog() -> Result<()> {
    let visitor = Visitor::arrive(Screen::new(1280, 720), SEED)?;
    visitor.wait_for_leader(0)?;
    visitor.wait_to_see("[data-test=open-partition]")?;
    visitor.click("[data-test=open-partition]")?;
    visitor.wait_to_see("dialog[open][data-test=partition-dialog]")?;
    let says = visitor.words("document.querySelector('[data-test=partition-says]').textContent")?;
    assert!(says.contains("2 servers on side A, 3 on side B; a majority is 3"), "{says}");
    visitor.click("[data-test=partition-apply]")?;
    visitor.wait_to_miss("dialog")?;
    visitor.wait(&format!("{CUTS} === 6"))?;
    visitor.wait("document.querySelectorAll('[data-test=stage].cuts .blob').length === 2")?;
    visitor.leave()
}

/// Space pauses and plays, `.` and `,` step, `]` hurries time on.
fn keys_for_time(visitor: &Visitor) -> Result<()> {
    visitor.wait_for_clock(&format!("> {}", visitor.clock()?))?;
    visitor.press(&["Space"])?;
    visitor.wait_to_see("[data-test=play][data-playing=false]")?;
    ensure!(visitor.clock_stands()?, "time goes on while paused");
    visitor.press(&["."; 5])?;
    let late = visitor.clock()?;
    visitor.press(&[","; 5])?;
    visitor.wait_for_clock(&format!("< {late}"))?;
    visitor.press(&["."; 5])?;
    visitor.wait_for_clock(&format!("=== {late}"))?;
    visitor.press(&["]"; 5])?;
    visitor.wait("document.querySelector('[data-test=speed]').value === '-100'")?;
    visitor.press(&["Space"])?;
    visitor.wait_for_clock(&format!("> {late}"))
}

/// K crashes and restarts the server that has the focus; the palette crashes the leader.
fn keys_for_servers(visitor: &Visitor) -> Result<()> {
    visitor.wait_for_leader(0)?;
    visitor.tab_to("[data-test=server]")?;
    let server = visitor.words("document.activeElement.dataset.server")?;
    visitor.press(&["k"])?;
    visitor.wait_for_health(&server, "down")?;
    visitor.press(&["k"])?;
    visitor.wait_for_health(&server, "up")?;
    visitor.press(&["Right"])?;
    visitor.wait(&format!("document.activeElement.dataset.server !== '{server}'"))?;
    let first = visitor.wait_for_leader(0)?;
    visitor.press(&["Control+k"])?;
    visitor.wait("document.activeElement.dataset.test === 'palette-input'")?;
    let wish = format!("Crash {}", first.name);
    wish.chars().try_for_each(|letter| visitor.browser.press(&letter.to_string()))?;
    visitor.press(&["Enter"])?;
    visitor.wait_for_health(&first.name, "down")?;
    visitor.wait_to_miss("dialog")?;
    let second = visitor.wait_for_leader(first.term)?;
    assert_ne!(first.name, second.name, "a server that is down cannot lead");
    Ok(())
}

/// P partitions, U heals, Ctrl+Z goes back to before that and Ctrl+Y forth again.
fn keys_for_links(visitor: &Visitor) -> Result<()> {
    visitor.press(&["p"])?;
    visitor.wait_to_see("dialog[open][data-test=partition-dialog]")?;
    visitor.press(&["Escape"])?;
    visitor.wait_to_miss("dialog")?;
    visitor.press(&["p"])?;
    visitor.wait_to_see("dialog[open][data-test=partition-dialog]")?;
    visitor.tab_to("[data-test=preset-halves]")?;
    visitor.press(&["Enter"])?;
    visitor.wait_to_miss("dialog")?;
    visitor.wait(&format!("{CUTS} === 6"))?;
    visitor.press(&["u"])?;
    visitor.wait(&format!("{CUTS} === 0"))?;
    let healed = visitor.clock()?;
    visitor.wait_for_clock(&format!("> {healed}"))?;
    visitor.press(&["Space"])?;
    visitor.wait_to_see("[data-test=play][data-playing=false]")?;
    visitor.press(&["Control+z"])?;
    visitor.wait(&format!("{CUTS} === 6"))?;
    visitor.wait_for_clock(&format!("<= {healed}"))?;
    visitor.press(&["Control+y"])?;
    visitor.wait(&format!("{CUTS} === 0"))
}

/// After each dialog, and after the text view, the focus is where it was.
fn focus_comes_back(visitor: &Visitor) -> Result<()> {
    let at = |selector| format!("document.activeElement.matches('{selector}')");
    let spot = ".drawing [role=button]";
    visitor.tab_to(spot)?;
    visitor.press(&["?"])?;
    visitor.wait_to_see("dialog[open][data-test=keys-dialog] kbd")?;
    visitor.press(&["Escape"])?;
    visitor.wait(&at(spot)).context("after the list of keys")?;
    visitor.press(&["n"])?;
    visitor.wait(&at("[data-test=operation-client]"))?;
    visitor.press(&["Escape"])?;
    visitor.wait(&at(spot)).context("after a form")?;
    visitor.press(&["v"])?;
    visitor.wait(&at("[data-test=text-view]"))?;
    visitor.press(&["v"])?;
    visitor.wait(&at(spot)).context("after the text view")
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn by_keyboard() -> Result<()> {
    let visitor = Visitor::arrive(Screen::new(1280, 720), SEED)?;
    keys_for_time(&visitor)?;
    keys_for_servers(&visitor)?;
    keys_for_links(&visitor)?;
    focus_comes_back(&visitor)?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn by_finger() -> Result<()> {
    let visitor = Visitor::arrive(Screen::new(390, 844), SEED)?;
    let browser = &visitor.browser;
    visitor.wait_for_clock(&format!("> {}", visitor.clock()?))?;
    let shown = |selector: &str| {
        format!(
            "document.querySelector('{selector}')?.checkVisibility({{ visibilityProperty: true }})"
        )
    };
    let parts = [
        ("logs", "[data-test=row]"),
        ("history", "[data-test=scrubber]"),
        ("inspect", ".nothing"),
        ("stage", "[data-test=stage] [data-test=server]"),
    ];
    visitor.wait(&shown("[data-test=stage]"))?;
    for (tab, part) in parts {
        let button = format!("[data-test=tab-{tab}]");
        browser.tap(&browser.find(&button)?)?;
        visitor.wait_to_see(&format!("{button}[aria-current=page]"))?;
        visitor.wait(&shown(part)).with_context(|| format!("{tab} shows no {part}"))?;
        assert_eq!(visitor.number(SIDEWAYS)?, 0, "{tab} scrolls sideways");
        let bottom = format!("document.querySelector('{button}').getBoundingClientRect().bottom");
        assert!(visitor.number(&format!("Math.ceil({bottom})"))? <= 844, "the tabs are cut off");
    }
    browser.tap(&visitor.disc("S1")?)?;
    visitor.wait_to_see("[data-test=tab-inspect][aria-current=page]")?;
    visitor.wait_to_see("[data-test=inspector] [data-test=crash]")?;
    browser.tap(&browser.find("[data-test=inspector] [data-test=crash]")?)?;
    visitor.wait_to_see("[data-test=inspector] [data-test=restart]")?;
    assert_eq!(visitor.number(SIDEWAYS)?, 0, "the inspector scrolls sideways");
    visitor.leave()
}
