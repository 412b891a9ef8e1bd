//! A sharded store on the page: shards that move, groups that leave and join, are cut off and
//! healed.

use anyhow::Result;
use shardscope_page_tests::Screen;

use super::visitor::Visitor;

const LAPTOP: Screen = Screen::new(1280, 720);
const PHONE: Screen = Screen::new(390, 844);

/// How many shards a group serves.
fn serves(gid: u16) -> String {
    format!("document.querySelectorAll('[data-group=\"{gid}\"] .chip.serving').length")
}

/// Waits until all shards are served.
fn wait_until_served(visitor: &Visitor, groups: u16) -> Result<()> {
    let all: Vec<String> = (1..=groups).map(serves).collect();
    visitor.wait(&format!("{} === 10", all.join(" + ")))
}

/// Chooses from a list of a form.
fn choose(visitor: &Visitor, test: &str, value: &str) -> Result<()> {
    let option = format!("select[data-test={test}] option[value='{value}']");
    visitor.wait_to_see(&option)?;
    visitor.click(&option)
}

fn arrive(screen: Screen) -> Result<Visitor> {
    let visitor = Visitor::knock(screen, "#groups=3&seed=7")?;
    // As fast as a person can follow.
    visitor.press(&["]", "]", "]", "]"])?;
    visitor.wait_to_see("[data-test=controller][data-config='1']")?;
    wait_until_served(&visitor, 3)?;
    Ok(visitor)
}

/// What the page says is happening.
const SAYS: &str = "document.querySelector('[data-test=narration]').textContent";
/// The configuration that the controller's card shows.
const NUMBER: &str = "document.querySelector('[data-test=controller]').dataset.config";

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn shards_move_by_mouse() -> Result<()> {
    for screen in [LAPTOP, PHONE.dark(true)] {
        let visitor = arrive(screen)?;
        let before = visitor.number(&serves(1))?;
        let shard = visitor
            .words("document.querySelector('[data-group=\"1\"] .chip.serving').dataset.shard")?;
        visitor.press(&["j"])?;
        choose(&visitor, "change-kind", "move")?;
        choose(&visitor, "change-shard", &shard)?;
        choose(&visitor, "change-group", "2")?;
        visitor
            .wait("document.querySelector('[data-test=plan]').textContent.includes('1 move')")?;
        visitor.click("[data-test=change-apply]")?;
        // On its way it is seen as a parcel, and in neither card as served.
        visitor.wait_to_see(&format!("[data-test=parcel][data-shard='{shard}']"))?;
        visitor.wait(&format!("{NUMBER} === '2'"))?;
        visitor.wait_to_see(&format!("[data-group='2'] .chip.serving[data-shard='{shard}']"))?;
        visitor.wait_to_miss("[data-test=parcel]")?;
        assert_eq!(visitor.number(&serves(1))?, before - 1);
        visitor.leave()?;
    }
    Ok(())
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_group_leaves_and_joins_by_keyboard() -> Result<()> {
    for screen in [PHONE, LAPTOP.dark(true)] {
        let visitor = arrive(screen)?;
        let (leave, join) = (["Down"; 2], ["Down"; 1]);
        for (kind, config, left) in [(&leave[..], "2", 0), (&join[..], "3", 3)] {
            visitor.press(&["j"])?;
            visitor.wait_to_see("[data-test=shards-dialog]")?;
            visitor.press(kind)?;
            visitor.tab_to("[data-test=change-group]")?;
            visitor.press(&["End"])?;
            visitor.tab_to("[data-test=change-apply]")?;
            visitor.press(&["Enter"])?;
            visitor.wait(&format!("{NUMBER} === '{config}'"))?;
            visitor.wait(&format!("{} === {left}", serves(3)))?;
            wait_until_served(&visitor, 3)?;
        }
        visitor.leave()?;
    }
    Ok(())
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn the_tab_key_stops_once_at_the_shards_and_arrows_lead_on() -> Result<()> {
    let visitor = arrive(LAPTOP)?;
    let here = "document.activeElement.querySelector('[data-test=chip]')?.dataset.shard";
    visitor.tab_to("[role=toolbar] > [role=button]")?;
    assert_eq!(visitor.words(here)?, "0");
    visitor.press(&["Right", "Right", "Left"])?;
    assert_eq!(visitor.words(here)?, "1");
    visitor.press(&["End", "Right"])?;
    assert_eq!(visitor.words(here)?, "9");
    visitor.press(&["Tab"])?;
    visitor.wait("document.activeElement.matches('[data-group] .door')")?;
    visitor.press(&["Shift+Tab"])?;
    assert_eq!(visitor.words(here)?, "9", "it is where it was left");
    visitor.press(&["Enter"])?;
    visitor.wait_to_see("[data-test=shards-dialog]")?;
    let shard = "document.querySelector('[data-test=change-shard]').value";
    assert_eq!(visitor.words(shard)?, "9");
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_group_is_cut_off_and_healed() -> Result<()> {
    let visitor = arrive(LAPTOP)?;
    visitor.press(&["j"])?;
    choose(&visitor, "change-kind", "leave")?;
    choose(&visitor, "change-group", "2")?;
    visitor.click("[data-test=cut-group]")?;
    cut_off_then_healed(visitor, |visitor| visitor.click("[data-test=change-apply]"))
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_group_is_cut_off_and_healed_by_keyboard() -> Result<()> {
    let visitor = arrive(PHONE.dark(true))?;
    visitor.press(&["j"])?;
    visitor.wait_to_see("[data-test=shards-dialog]")?;
    visitor.press(&["Down", "Down"])?;
    visitor.tab_to("[data-test=change-group]")?;
    visitor.press(&["Home", "Down"])?;
    visitor.tab_to("[data-test=cut-group]")?;
    visitor.press(&["Enter"])?;
    cut_off_then_healed(visitor, |visitor| {
        visitor.tab_to("[data-test=change-apply]")?;
        visitor.press(&["Enter"])
    })
}

/// Group 2 was cut off while its leaving is proposed: it leaves, keeps what it has, and hands it
/// over when the links are whole.
fn cut_off_then_healed(visitor: Visitor, apply: impl Fn(&Visitor) -> Result<()>) -> Result<()> {
    visitor.wait("document.querySelector('[data-test=cut-group]').disabled")?;
    visitor.wait(&format!("{SAYS} === 'Group 2 is cut off: no client reaches it.'"))?;
    // The configuration goes on without it, and what it has stays where it is.
    apply(&visitor)?;
    visitor.wait(&format!("{NUMBER} === '2'"))?;
    visitor.wait_to_see("[data-group='1'][data-config='2']")?;
    let held = "document.querySelectorAll('[data-group=\"2\"] .chip').length";
    let now = visitor.clock()?;
    visitor.wait_for_clock(&format!("> {now} + 200000"))?;
    assert!(visitor.number(held)? >= 3, "nobody can take its shards");
    visitor.press(&["u"])?;
    visitor.wait(&format!("{} === 0", serves(2)))?;
    wait_until_served(&visitor, 3)?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn the_palette_is_about_groups_and_the_arrow_keys_choose_in_it() -> Result<()> {
    let visitor = arrive(LAPTOP)?;
    visitor.press(&["Control+k"])?;
    visitor.wait("document.activeElement.dataset.test === 'palette-input'")?;
    "group 3".chars().try_for_each(|key| visitor.browser.press(&key.to_string()))?;
    let chosen = "document.activeElement.dataset.test";
    let choices = "document.querySelectorAll('.palette .choice').length";
    visitor.wait(&format!("{choices} === 7"))?;
    // What would do nothing now is passed over.
    for expected in ["open", "cut-group", "crash-group", "pause-group"] {
        visitor.press(&["Down"])?;
        assert_eq!(visitor.words(chosen)?, expected);
    }
    visitor.press(&["Up"])?;
    assert_eq!(visitor.words(chosen)?, "crash-group");
    visitor.press(&["Up", "Up", "Up"])?;
    assert_eq!(visitor.words(chosen)?, "palette-input", "back to the words");
    visitor.press(&["Down", "Down", "Down", "Down", "Enter"])?;
    visitor.wait_to_miss("dialog")?;
    visitor.wait(&format!("{SAYS} === 'No server of group 3 is running.'"))?;
    visitor.wait(&format!("{} === 0", serves(3)))?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_key_is_found_and_a_card_opens_its_group() -> Result<()> {
    let visitor = arrive(LAPTOP)?;
    visitor.press(&["j"])?;
    visitor.wait(
        "/shard \\d+.*group \\d/i\
         .test(document.querySelector('[data-test=whereabouts]').textContent)",
    )?;
    visitor.press(&["Escape"])?;
    visitor.tab_to("[data-group=\"2\"] .door")?;
    visitor.press(&["Enter"])?;
    visitor.wait("document.querySelectorAll('[data-test=server]').length === 3")?;
    let leader = visitor.wait_for_leader(0)?;
    visitor.press(&["Escape"])?;
    visitor.wait_to_see("[data-test=cluster]")?;
    visitor.wait("document.activeElement.matches('[data-group=\"2\"] .door')")?;
    visitor.wait_to_see(&format!("[data-server='G2.{}'][data-role=leader]", leader.name))?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn over_all_groups_a_client_is_inspected_and_a_shard_leads_into_its_group() -> Result<()> {
    for screen in [LAPTOP, PHONE.dark(true)] {
        let visitor = arrive(screen)?;
        visitor.click("[data-test=client]")?;
        visitor.wait("document.querySelector('#inspector h2').textContent === 'Client 1'")?;
        visitor.audit("a client over all groups")?;
        visitor.click("[data-test=close-inspector]")?;
        visitor.wait_to_see("[data-test=cluster]")?;
        visitor.click("[data-group='1'] .chip.serving")?;
        visitor.wait("document.querySelectorAll('[data-test=server]').length === 3")?;
        visitor.leave()?;
    }
    Ok(())
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn what_flies_lies_over_the_cards_also_after_a_look_at_the_logs_of_a_group() -> Result<()> {
    let visitor = arrive(PHONE)?;
    visitor.click("[data-group='1'] .chip.serving")?;
    visitor.wait_to_see("[data-test=server]")?;
    visitor.click("[data-test=tab-logs]")?;
    visitor.wait_to_see("[data-test=row]")?;
    visitor.press(&["Escape"])?;
    visitor.wait_to_see("[data-test=cluster]")?;
    let corner = |of: &str| {
        let place = format!("document.querySelector('{of}').getBoundingClientRect()");
        visitor.words(&format!("(({{ x, y }}) => `${{x}} ${{y}}`)({place})"))
    };
    assert_eq!(corner(".stage > .moving")?, corner("[data-test=cluster]")?);
    visitor.leave()
}
