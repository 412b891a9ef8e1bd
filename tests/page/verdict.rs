//! What the verdict rests on, and files with what clients of any store saw.

use anyhow::{Result, ensure};
use shardscope_core::id::MutantId;
use shardscope_core::rng::Ppm;
use shardscope_core::sim::link;
use shardscope_core::sim::scenario::Scenario;
use shardscope_core::sim::timeline::{Monitor, Ruling, Timeline};
use shardscope_core::sim::workload::{Pace, Workload};
use shardscope_core::time::Duration;
use shardscope_page_tests::Screen;

use super::visitor::Visitor;

const LAPTOP: Screen = Screen::new(1366, 768);
const PHONE: Screen = Screen::new(390, 844);

/// A read that misses the last write.
const STALE: &str = "{:process 0, :type :invoke, :f :put, :key \"x\", :value \"1\"}\n\
    {:process 0, :type :ok, :f :put, :key \"x\", :value \"1\"}\n\
    {:process 0, :type :invoke, :f :put, :key \"x\", :value \"2\"}\n\
    {:process 0, :type :ok, :f :put, :key \"x\", :value \"2\"}\n\
    {:process 1, :type :invoke, :f :get, :key \"x\"}\n\
    {:process 1, :type :ok, :f :get, :key \"x\", :value \"1\"}\n";

/// The states of the models, the strongest first.
const MODELS: &str = "[...document.querySelectorAll('[data-model]')].map((m) => m.dataset.state)\
    .join(' ')";

/// What was found out about a file.
const FOUND: &str = "document.querySelector('[data-test=found]')?.textContent";

const COMPLAINT: &str = "document.querySelector('[data-test=complaint]')?.textContent";

/// A visitor's file, as a list that an input or a drop has.
fn files(name: &str, text: &str) -> String {
    let (name, text) = (format!("{name:?}"), format!("{text:?}"));
    format!("const files = new DataTransfer(); files.items.add(new File([{text}], {name})); ")
}

/// Chooses a file in the dialog.
fn choose(visitor: &Visitor, name: &str, text: &str) -> Result<()> {
    let set = "const input = document.querySelector('[data-test=history-file]'); \
        input.files = files.files; input.dispatchEvent(new Event('change', { bubbles: true }));";
    visitor.browser.run(&(files(name, text) + set)).map(drop)
}

/// Drops a file on the page.
fn let_fall(visitor: &Visitor, name: &str, text: &str) -> Result<()> {
    let fall = "document.querySelector('[data-test=page]').dispatchEvent(new DragEvent('drop', \
        { bubbles: true, cancelable: true, dataTransfer: files }));";
    visitor.browser.run(&(files(name, text) + fall)).map(drop)
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn the_models_of_a_run_are_listed_with_their_verdicts() -> Result<()> {
    for (screen, by_mouse) in [(LAPTOP, true), (PHONE.dark(true), false)] {
        let visitor = Visitor::knock(screen, "#seed=7")?;
        visitor.wait_for_leader(0)?;
        let verdict = "[data-test=verdict]";
        match by_mouse {
            true => visitor.click(verdict)?,
            false => {
                visitor.tab_to(verdict)?;
                visitor.press(&["Enter"])?;
            }
        }
        visitor.wait_to_see("[data-test=models]")?;
        assert_eq!(visitor.words(MODELS)?, ["holds"; 6].join(" "));
        let until =
            visitor.words("document.querySelector('[data-test=judged-until]').textContent")?;
        assert!(until.contains(" up to "), "{until}");
        visitor.audit("the verdict")?;
        visitor.press(&["Escape"])?;
        visitor.wait_to_miss("dialog")?;
        visitor.leave()?;
    }
    Ok(())
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_history_file_gets_its_picture_and_its_verdict() -> Result<()> {
    for screen in [LAPTOP.dark(true), PHONE] {
        let visitor = Visitor::arrive(screen.still(true), 7)?;
        let now = visitor.clock()?;
        let_fall(&visitor, "stale.edn", STALE)?;
        visitor.wait_to_see("dialog[open][data-test=history-dialog]")?;
        visitor.wait(&format!("{FOUND}?.includes('is not linearizable')"))?;
        assert!(visitor.words(FOUND)?.contains("3 calls by 2 processes on 1 key."));
        assert_eq!(visitor.words(MODELS)?, "violated holds holds holds holds holds");
        let evidence =
            visitor.words("document.querySelector('[data-test=evidence]').textContent")?;
        assert!(evidence.starts_with("get x returned \"1\", but every order"), "{evidence}");
        let bars = "document.querySelectorAll('[data-test=history-picture] .exhibit').length";
        assert_eq!(visitor.number(bars)?, 3);
        visitor.audit("a history file")?;
        // What is no history leaves the dialog open and says where; then a good one is chosen.
        choose(&visitor, "bad.jsonl", "{\"process\": 0}\n")?;
        visitor.wait(&format!("{COMPLAINT}?.includes('line 1')"))?;
        let fresh =
            STALE.replace(":get, :key \"x\", :value \"1\"", ":get, :key \"x\", :value \"2\"");
        choose(&visitor, "fresh.edn", &fresh)?;
        visitor.wait(&format!("{FOUND}?.startsWith('fresh.edn is linearizable')"))?;
        assert_eq!(visitor.words(&format!("{COMPLAINT} ?? 'none'"))?, "none");
        let points = "document.querySelectorAll('[data-test=history-picture] .point').length";
        assert_eq!(visitor.number(points)?, 3);
        visitor.press(&["Escape"])?;
        visitor.wait_to_miss("dialog")?;
        assert_eq!(visitor.clock()?, now, "the run is as it was");
        visitor.leave()?;
    }
    Ok(())
}

/// A link to the moment when retries under new numbers, on a lossy network, have counted twice.
fn broken_run() -> Result<String> {
    let mut scenario = Scenario::new(3, 3, 3);
    scenario.mutant = MutantId::R47;
    scenario.network.loss = Ppm::percent(15);
    let pace = Pace::Closed { think: Duration::from_millis(10) };
    scenario.workload = Workload { pace, keys: 2, ..scenario.workload };
    let (mut timeline, mut monitor) = (Timeline::new(scenario), Monitor::default());
    while !matches!(monitor.ruling(&timeline), Ruling::Violated { .. }) {
        ensure!(timeline.step_number() < 20_000, "nothing counted twice");
        timeline.step_forward();
        while monitor.follow(&timeline, 16) {}
    }
    let link = link::write(&timeline, &[]).map_err(|wrong| anyhow::anyhow!(wrong.0))?;
    Ok(format!("#{link}"))
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_link_opens_no_group_where_there_is_none() -> Result<()> {
    let timeline = Timeline::new(Scenario::new(7, 3, 1));
    // Speed, zoom, the group that is opened, counted from 1, and what is shown.
    let link = link::write(&timeline, &[0, 0, 0, 1, 0]);
    let link = link.map_err(|wrong| anyhow::anyhow!(wrong.0))?;
    let visitor = Visitor::knock(LAPTOP, &format!("#{link}"))?;
    visitor.wait_to_see("[data-test=server]")?;
    let leads_back = "document.querySelectorAll('[data-test=all-groups]').length";
    assert_eq!(visitor.words(&format!("String({leads_back})"))?, "0");
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn what_breaks_linearizability_is_drawn_and_told() -> Result<()> {
    let run = broken_run()?;
    for screen in [LAPTOP, PHONE.dark(true)] {
        let visitor = Visitor::knock(screen, &run)?;
        visitor.click("[data-test=verdict]")?;
        visitor.wait_to_see("[data-test=evidence]")?;
        let drawn = "document.querySelectorAll('.grounds .exhibit.odd').length";
        assert_eq!(visitor.number(drawn)?, 1);
        assert!(visitor.words(MODELS)?.starts_with("violated "));
        visitor.audit("evidence")?;
        visitor.leave()?;
    }
    Ok(())
}
