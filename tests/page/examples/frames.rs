//! How long the page keeps the browser's main thread busy in each frame: `cargo xtask bench` runs
//! this with the built page served.
#![allow(clippy::print_stdout, reason = "a command talks to whoever called it")]

use std::time::Duration;

use anyhow::{Context, Result};
use shardscope_page_tests::{Browser, PAGE, Screen, setting};

/// How many frames each figure is drawn from.
const FRAMES: usize = 600;
/// Long enough for so many frames on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Wraps the page's wish for frames. A message sent from within a frame is received when the
/// frame's script, style, layout and painting are done: that is how long the thread was busy.
const WATCH: &str = "window.frames_ = { script: [], thread: [] }; \
    const ask = window.requestAnimationFrame.bind(window); \
    window.requestAnimationFrame = (draw) => ask((time) => { \
      const begun = performance.now(); const { port1, port2 } = new MessageChannel(); \
      port1.onmessage = () => { frames_.thread.push(performance.now() - begun); port1.close(); }; \
      draw(time); \
      Promise.resolve().then(() => frames_.script.push(performance.now() - begun)); \
      port2.postMessage(0); });";

/// A way to watch the page: its name, how its address goes on, what shows that it runs, and the
/// keys that lead to it.
const WAYS: [(&str, &str, &str, &[&str]); 5] = [
    ("usual speed", "#seed=7", LED, &[]),
    ("heartbeats shown", "#seed=7", LED, &["h"]),
    ("a tenth of real time", "#seed=7", LED, &["]", "]", "]", "]", "]"]),
    ("ten times real time", "#seed=7", LED, &["]"; 13]),
    ("sharded, usual speed", "#groups=3&clients=4&seed=7", SERVED, &[]),
];

/// Somebody leads the group.
const LED: &str = "[data-role=leader]";

/// A group serves a shard.
const SERVED: &str = "[data-group] [data-shard]";

fn main() -> Result<()> {
    println!(
        "{:<24}{:>10}{:>10}{:>10}{:>10}{:>10}{:>12}",
        "ms a frame", "script", "", "thread", "", "", ""
    );
    println!(
        "{:<24}{:>10}{:>10}{:>10}{:>10}{:>10}{:>12}",
        "", "median", "p95", "median", "p95", "p99", "frames/s"
    );
    for (name, address, shown, keys) in WAYS {
        let browser = Browser::open()?;
        browser.look(Screen::new(1280, 720))?;
        browser.goto(&format!("{}{address}", setting(PAGE)?))?;
        browser.wait_for(&format!("document.querySelector('{shown}')"), PATIENCE)?;
        keys.iter().try_for_each(|key| browser.press(key))?;
        browser.run(WATCH)?;
        // The page holds one frame that it asked for before it was watched.
        browser.wait_for(&format!("frames_.thread.length > {}", FRAMES / 10), PATIENCE)?;
        browser
            .run("frames_.script = []; frames_.thread = []; frames_.from = performance.now()")?;
        browser.wait_for(&format!("frames_.thread.length > {FRAMES}"), PATIENCE)?;
        let rate = "frames_.thread.length / (performance.now() - frames_.from) * 1000";
        let rate = browser.eval(rate)?.as_f64().unwrap_or(f64::NAN);
        let (script, thread) = (times(&browser, "script")?, times(&browser, "thread")?);
        println!(
            "{name:<24}{:>10.1}{:>10.1}{:>10.1}{:>10.1}{:>10.1}{rate:>12.0}",
            at(&script, 50),
            at(&script, 95),
            at(&thread, 50),
            at(&thread, 95),
            at(&thread, 99),
        );
    }
    Ok(())
}

/// The times of one kind, the shortest first.
fn times(browser: &Browser, kind: &str) -> Result<Vec<f64>> {
    let times = browser.eval(&format!("frames_.{kind}"))?;
    let times = times.as_array().context("the page was not watched")?;
    let mut times: Vec<f64> = times.iter().filter_map(serde_json::Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    Ok(times)
}

fn at(sorted: &[f64], percent: usize) -> f64 {
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or(f64::NAN)
}
