//! Rules that are broken on purpose, and the verdict that says so.

use anyhow::Result;
use shardscope_page_tests::Screen;

use super::visitor::Visitor;

const LAPTOP: Screen = Screen::new(1280, 720);
const PHONE: Screen = Screen::new(390, 844);

/// The state of the verdict in the header.
const STATE: &str = "document.querySelector('[data-test=verdict]').dataset.state";

/// Chooses a button by the keyboard alone.
fn enter(visitor: &Visitor, selector: &str) -> Result<()> {
    visitor.tab_to(selector)?;
    visitor.press(&["Enter"])
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_broken_rule_breaks_a_promise_and_play_stops_there() -> Result<()> {
    for (screen, by_mouse) in [(LAPTOP.dark(true), true), (PHONE, false)] {
        let visitor = Visitor::knock(screen, "#seed=7")?;
        let choose = |selector: &str| match by_mouse {
            true => visitor.click(selector),
            false => enter(&visitor, selector),
        };
        visitor.wait(&format!("{STATE} === 'holds'"))?;
        visitor.press(&["b"])?;
        // A server that forgets its term breaks a promise in the first election.
        visitor.wait_to_see("[data-rule=R2]")?;
        choose("[data-rule=R2]")?;
        visitor.wait_to_see("[data-test=mutant]")?;
        visitor.wait(&format!("{STATE} === 'broken'"))?;
        visitor.wait_to_see("[data-playing=false]")?;
        assert!(visitor.clock_stands()?, "play stops at the event");
        choose("[data-test=verdict]")?;
        visitor.wait_to_see("[data-test=grounds] .broken")?;
        let named = visitor.words("document.querySelector('.grounds .broken').textContent")?;
        assert!(named.starts_with("RI-"), "{named}");
        visitor.press(&["Escape"])?;
        visitor.wait_to_miss("[data-test=grounds]")?;
        // It goes on from there when it is told to, and holds again once the rule is mended.
        let stopped = visitor.clock()?;
        choose("[data-test=play]")?;
        visitor.wait_for_clock(&format!("> {stopped}"))?;
        visitor.press(&["b"])?;
        visitor.wait_to_see("[data-test=mend-rule]")?;
        choose("[data-test=mend-rule]")?;
        visitor.wait_to_miss("[data-test=mutant]")?;
        visitor.wait(&format!("{STATE} === 'holds'"))?;
        visitor.leave()?;
    }
    Ok(())
}
