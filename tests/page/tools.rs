//! Each tool by itself: the scissors, a message's buttons, the forms with good and bad input.

use anyhow::{Context, Result};
use shardscope_page_tests::Screen;

use super::visitor::{CUTS, Visitor};

const LAPTOP: Screen = Screen::new(1280, 720);

/// What the inspector says of a field.
fn field(visitor: &Visitor, name: &str) -> Result<String> {
    visitor.words(&format!(
        "[...document.querySelectorAll('[data-test=inspector] dt')]\
         .find((name) => name.textContent === '{name}')?.nextElementSibling.textContent"
    ))
}

/// What stands under the narration.
const SAYS: &str = "document.querySelector('[data-test=consequence]').textContent";

/// Fills a field by what a person would do: select all, and type.
pub(super) fn fill(visitor: &Visitor, test: &str, text: &str) -> Result<()> {
    let field = visitor.browser.find(&format!("[data-test={test}]"))?;
    visitor.browser.click(&field)?;
    visitor.browser.press("Control+a")?;
    visitor.browser.type_into(&field, text)
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_line_drawn_by_scissors_cuts_what_it_crosses() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    visitor.click("[data-test=scissors]")?;
    visitor.wait_to_see("[data-test=scissors][aria-pressed=true]")?;
    visitor.press(&["Escape"])?;
    visitor.wait_to_see("[data-test=scissors][aria-pressed=false]")?;
    visitor.click("[data-test=scissors]")?;
    visitor.wait_to_see("[data-test=scissors-sheet]")?;
    // From the left of S1 to its right, just under its disc.
    let under = visitor.disc("S1")?;
    visitor.browser.drag(&under, (-120, 32), (120, 32))?;
    visitor.wait(&format!("{CUTS} === 4"))?;
    visitor.wait_to_miss("[data-test=scissors-sheet]")?;
    let cut = "[...document.querySelectorAll('[data-test=link][data-cut=true]')]\
               .every((link) => link.dataset.link.startsWith('S1-'))";
    visitor.wait(cut)?;
    visitor.press(&["u"])?;
    visitor.wait(&format!("{CUTS} === 0"))?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_messages_buttons_do_what_they_say() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    visitor.wait_for_leader(0)?;
    visitor.wait("document.querySelectorAll('[data-test=flight]').length > 1")?;
    visitor.press(&["m"])?;
    visitor.wait_to_see("[data-test=play][data-playing=false]")?;
    let listed = "document.querySelectorAll('[data-test=message]').length";
    let before = visitor.number(listed)?;
    visitor.click("[data-test=message]")?;
    visitor.wait_to_see("[data-test=inspector] [data-test=delay]")?;
    let arrives = field(&visitor, "arrives")?;
    visitor.click("[data-test=delay]")?;
    visitor.wait(&format!(
        "[...document.querySelectorAll('[data-test=inspector] dd')]\
         .every((value) => value.textContent !== '{arrives}')"
    ))?;
    visitor.click("[data-test=duplicate]")?;
    visitor.press(&["m"])?;
    visitor.wait(&format!("{listed} === {}", before + 1))?;
    visitor.click("[data-test=message]")?;
    visitor.wait_to_see("[data-test=inspector] [data-test=drop]")?;
    visitor.click("[data-test=drop]")?;
    visitor.wait(
        "document.querySelector('[data-test=inspector]').textContent.includes('will be lost')",
    )?;
    visitor.press(&["m"])?;
    visitor.wait(&format!("{listed} === {}", before + 1))?;
    // The first in the list is the lost one: it stays in the picture until it would have arrived.
    let last = visitor.browser.find("[data-test=message]:last-child")?;
    visitor.browser.click(&last)?;
    visitor.wait_to_see("[data-test=inspector] [data-test=deliver]")?;
    let now = visitor.clock()?;
    visitor.click("[data-test=deliver]")?;
    visitor.press(&["."])?;
    visitor
        .wait("document.querySelector('[data-test=inspector]').textContent.includes('arrived')")?;
    // Effects follow their causes by a microsecond at least.
    assert_eq!(visitor.clock()?, now + 1, "it should have arrived at once");
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn hostile_text_is_stored_and_shown_as_text() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    visitor.wait_for_leader(0)?;
    visitor.press(&["n"])?;
    visitor.wait_to_see("dialog[open][data-test=operation-dialog]")?;
    fill(&visitor, "operation-key", " ")?;
    visitor.press(&["Control+a", "Delete"])?;
    visitor.click("[data-test=operation-send]")?;
    visitor.wait_to_see("[data-test=complaint]")?;
    let complaint = visitor.words("document.querySelector('[data-test=complaint]').textContent")?;
    assert_eq!(complaint, "A key needs at least one letter: x will do.");
    fill(&visitor, "operation-key", "<b>k")?;
    fill(&visitor, "operation-value", "<script>window.intruder = 1</script>")?;
    visitor.click("[data-test=operation-send]")?;
    visitor.wait_to_miss("dialog")?;
    visitor.press(&["]"; 8])?;
    visitor.wait(
        "[...document.querySelectorAll('[data-test=row]')]\
                  .every((row) => row.textContent.includes('<b>k'))",
    )?;
    assert_eq!(visitor.browser.eval("window.intruder === undefined")?, true);
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_write_at_a_version_is_sent_by_form() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    visitor.wait_for_leader(0)?;
    let open = || {
        visitor.press(&["n"])?;
        visitor.wait_to_see("dialog[open][data-test=operation-dialog]")?;
        visitor.click("[data-test=operation-kind] option[value=putat]")?;
        fill(&visitor, "operation-key", "fresh")
    };
    open()?;
    fill(&visitor, "operation-version", "one")?;
    visitor.click("[data-test=operation-send]")?;
    visitor.wait_to_see("[data-test=complaint]")?;
    let complaint = visitor.words("document.querySelector('[data-test=complaint]').textContent")?;
    assert_eq!(complaint, "\"one\" is no version: write a whole number, 0 for a new key.");
    fill(&visitor, "operation-version", "0")?;
    visitor.click("[data-test=operation-send]")?;
    visitor.wait_to_miss("dialog")?;
    visitor.press(&["]"; 8])?;
    let stored = |pair: &str| {
        let pairs = "[...document.querySelectorAll('[data-test=row] .pair title')]";
        let same = format!("filter((pair) => pair.textContent === '{pair}').length === 5");
        visitor.wait(&format!("{pairs}.{same}"))
    };
    stored("fresh = 1, version 1")?;
    // The second is refused everywhere, for the key is at version 1: so the third is not.
    for (value, version) in [("late", "0"), ("third", "1")] {
        open()?;
        fill(&visitor, "operation-value", value)?;
        fill(&visitor, "operation-version", version)?;
        visitor.click("[data-test=operation-send]")?;
        visitor.wait_to_miss("dialog")?;
    }
    stored("fresh = third, version 2")?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn bad_settings_lose_no_run() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    visitor.wait_for_leader(0)?;
    let open = || {
        visitor.click("[data-test=menu]")?;
        visitor.wait_to_see("[data-test=settings]")?;
        visitor.click("[data-test=settings]")?;
        visitor.wait_to_see("dialog[open][data-test=settings-dialog]")
    };
    for (name, bad, usual, said) in [
        ("servers", "0", "5", "A group has 1 to 9 servers"),
        ("servers", "12", "5", "A group has 1 to 9 servers"),
        ("heartbeat", "80", "25", "heartbeat"),
        ("loss", "200", "0", "200 % is more than always: choose 0 to 100."),
    ] {
        // The run as it is before anybody asks for anything.
        let (time, leader) = (visitor.clock()?, visitor.wait_for_leader(0)?);
        open()?;
        fill(&visitor, &format!("set-{name}"), bad)?;
        visitor.click("[data-test=settings-apply]")?;
        visitor.wait_to_see("[data-test=complaint]")?;
        let complaints = "document.querySelectorAll('[data-test=complaint]')";
        assert_eq!(visitor.number(&format!("{complaints}.length"))?, 1, "{name} {bad}");
        let sentence = visitor.words(&format!("{complaints}[0].textContent"))?;
        assert!(sentence.contains(said) && sentence.ends_with('.'), "{name} {bad}: {sentence}");
        assert_eq!(sentence.matches(". ").count(), 0, "more than one sentence: {sentence}");
        visitor.press(&["Escape"])?;
        visitor.wait_to_miss("dialog")?;
        let now = visitor.clock()?;
        assert!(now >= time, "{name} {bad}: time fell from {time} to {now}: another run");
        assert_eq!(visitor.wait_for_leader(0)?, leader, "{name} {bad}: another leader");
        visitor.wait_for_clock(&format!("> {now}"))?;
        // The form opens with what the run is made of, not with what was refused.
        open()?;
        let shown = format!("document.querySelector('[data-test=set-{name}]').value");
        assert_eq!(visitor.words(&shown)?, usual, "{name}");
        visitor.press(&["Escape"])?;
        visitor.wait_to_miss("dialog")?;
    }
    open()?;
    fill(&visitor, "set-servers", "3")?;
    visitor.click("[data-test=settings-apply]")?;
    visitor.wait("document.querySelectorAll('[data-test=server]').length === 3")?;
    visitor.wait_for_leader(0)?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn clients_can_be_silenced_and_disks_slowed() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    let leader = visitor.wait_for_leader(0)?;
    visitor.browser.click_at(&visitor.disc(&leader.name)?, (0, 0))?;
    visitor.wait_to_see("[data-test=inspector] [data-test=slow-disk]")?;
    visitor.click("[data-test=inspector] [data-test=slow-disk]")?;
    let lasts = |words: &str| {
        let all = "[...document.querySelectorAll('.fault')].map((fault) => fault.textContent)";
        visitor.wait(&format!("{all}.some((words) => words.includes('{words}'))"))
    };
    lasts("disk 20× slower")?;
    assert_eq!(field(&visitor, "a write takes")?, "20 × as long");
    visitor.click("[data-test=inspector] [data-test=drift]")?;
    lasts("clock 30 % fast")?;
    visitor.press(&["Control+k"])?;
    visitor.wait_to_see("[data-test=palette-input]")?;
    "what the clients".chars().try_for_each(|c| visitor.browser.press(&c.to_string()))?;
    visitor.press(&["Enter"])?;
    visitor.wait_to_see("dialog[open][data-test=workload-dialog]")?;
    fill(&visitor, "workload-keys", "none")?;
    visitor.click("[data-test=workload-apply]")?;
    visitor.wait_to_see("[data-test=complaint]")?;
    fill(&visitor, "workload-keys", "3")?;
    visitor.click("[data-test=workload-pace] option[value=silent]")?;
    visitor.click("[data-test=workload-apply]")?;
    visitor.wait_to_miss("dialog")?;
    visitor.press(&["]"; 8])?;
    let busy = "document.querySelectorAll('.client.waits').length";
    visitor.wait(&format!("{busy} === 0"))?;
    let answered = "[...document.querySelectorAll('[data-test=client]')]\
                    .reduce((sum, client) => sum + Number(client.dataset.answered), 0)";
    let before = visitor.number(answered)?;
    visitor.wait_for_clock(&format!("> {}", visitor.clock()? + 100_000))?;
    assert_eq!(visitor.number(answered)?, before, "a client spoke unasked");
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn an_address_can_name_the_seed() -> Result<()> {
    let name = |path: &str| -> Result<(String, String)> {
        let visitor = Visitor::arrive_at(LAPTOP.still(true), path)?;
        let begun = visitor.clock()?.to_string();
        let says = visitor.words(SAYS)?;
        visitor.leave()?;
        Ok((begun, says))
    };
    let (first, says) = name("#seed=41")?;
    assert!(!says.contains("address"), "{says}");
    assert_eq!(name("#seed=41").context("again")?.0, first, "one seed, two runs");
    assert_ne!(name("#seed=42")?.0, first, "two seeds, one run");
    let (_, says) = name("#s=!")?;
    assert!(says.contains("which means nothing here"), "{says}");
    let (_, says) = name("#seed=4.1")?;
    assert!(
        says.starts_with("The address asks for seed=4.1. \"4.1\" is no whole number"),
        "{says}"
    );
    Ok(())
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn the_text_view_says_what_the_stage_shows() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    let leader = visitor.wait_for_leader(0)?;
    visitor.press(&["Space", "v"])?;
    visitor.wait_to_see(".text-view table")?;
    let lines = "[...document.querySelectorAll('.text-view tr')].map((row) => row.innerText)";
    let said = format!(
        "{lines}.some((line) => line.startsWith('{}') && line.includes('leader'))",
        leader.name
    );
    visitor.wait(&said)?;
    visitor.press(&["v"])?;
    visitor.wait_to_see("[data-test=stage]")?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_click_on_an_operation_inspects_it_and_a_drag_scrubs() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    visitor.wait_for_leader(0)?;
    visitor.wait_to_see("[data-test=operation]:not(.open)")?;
    visitor.press(&["Space"])?;
    visitor.wait_to_see("[data-test=play][data-playing=false]")?;
    let before = visitor.clock()?;
    let bar = visitor.browser.find("[data-test=operation]:not(.open)")?;
    visitor.browser.click(&bar)?;
    visitor.wait_to_see("[data-test=inspector] [data-test=operation-sheet]")?;
    assert_eq!(visitor.clock()?, before, "a click on an operation moved time");
    visitor.browser.drag(&bar, (0, 0), (-60, 0))?;
    visitor.wait_for_clock(&format!("< {before}"))?;
    visitor.leave()
}
