//! Why something waits: asked of a server, an operation, a shard and a group.

use anyhow::Result;
use shardscope_page_tests::Screen;

use super::visitor::Visitor;

const LAPTOP: Screen = Screen::new(1280, 720);
const PHONE: Screen = Screen::new(390, 844);

/// What is answered.
const WHY: &str = "document.querySelector('[data-test=why]').textContent";

/// Does something that the palette knows.
fn order(visitor: &Visitor, words: &str) -> Result<()> {
    visitor.press(&["Control+k"])?;
    visitor.wait_to_see("[data-test=palette-input]")?;
    let input = visitor.browser.find("[data-test=palette-input]")?;
    visitor.browser.type_into(&input, words)?;
    visitor.press(&["Enter"])?;
    visitor.wait_to_miss("dialog")
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_server_says_who_keeps_the_group_from_having_a_leader() -> Result<()> {
    for (screen, by_mouse) in [(LAPTOP, true), (PHONE.dark(true), false)] {
        let visitor = Visitor::arrive(screen, 7)?;
        visitor.wait_for_leader(0)?;
        for server in ["S1", "S2", "S3"] {
            order(&visitor, &format!("crash {server}"))?;
            visitor.wait_for_health(server, "down")?;
        }
        if by_mouse {
            let disc = visitor.disc("S4")?;
            // Its name lies over its middle.
            visitor.browser.click_at(&disc, (0, 16))?;
        } else {
            visitor.tab_to("[data-test=server]")?;
            visitor.press(&["Enter"])?;
        }
        visitor.wait("document.querySelector('.because[data-state=stuck]')")?;
        let why = visitor.words(WHY)?;
        assert!(["S1", "S2", "S3"].iter().all(|server| why.contains(server)), "{why}");
        visitor.audit("why")?;
        // It leads to those who are named.
        visitor.click("[data-test=why-server]")?;
        visitor.wait("document.querySelector('#inspector h2').textContent === 'Server S1'")?;
        visitor.leave()?;
    }
    Ok(())
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_shard_and_a_group_say_what_they_wait_for() -> Result<()> {
    for screen in [LAPTOP.dark(true), PHONE] {
        let visitor = Visitor::knock(screen, "#groups=3&seed=7")?;
        visitor.wait("document.querySelectorAll('[data-test=group][data-config]').length === 3")?;
        visitor.press(&["j"])?;
        visitor.wait_to_see("[data-test=crash-group]")?;
        // Shard 0 belongs to group 1, which is not the one that the form proposes.
        visitor.browser.run(
            "const shard = document.querySelector('[data-test=change-shard]'); shard.value = '0'; \
             shard.dispatchEvent(new Event('change', { bubbles: true }));",
        )?;
        visitor.browser.run(
            "const group = document.querySelector('[data-test=change-group]'); group.value = '1'; \
             group.dispatchEvent(new Event('change', { bubbles: true }));",
        )?;
        visitor.wait("document.querySelector('fieldset legend').textContent.endsWith('1')")?;
        // By then the first configuration has come: no sentence above the button changes.
        visitor.wait("document.querySelector('form').textContent.includes('1 already')")?;
        visitor.click("[data-test=crash-group]")?;
        visitor.wait(&format!("{WHY}.includes('G1')"))?;
        visitor.wait("document.querySelector('.because[data-state=stuck]')")?;
        visitor.audit("groups and shards")?;
        visitor.browser.run(
            "const kind = document.querySelector('[data-test=change-kind]'); kind.value = 'leave'; \
             kind.dispatchEvent(new Event('change', { bubbles: true }));",
        )?;
        visitor.wait_to_miss("[data-test=change-shard]")?;
        visitor.wait(&format!("{WHY}.includes('Nobody leads G1')"))?;
        visitor.leave()?;
    }
    Ok(())
}
