//! Takes pictures of the page: `cargo xtask shot` runs this with the page served.
#![allow(clippy::print_stdout, reason = "a command talks to whoever called it")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use lexopt::{Arg, Parser, ValueExt};
use shardscope_page_tests::{Browser, PAGE, Screen, picture, setting};

const USAGE: &str = "\
cargo xtask shot [--dev] [--url URL] <step>...

The steps are taken in the order in which they are written:

  --size WxH        the size of the page (1280x720)
  --dark, --light   the visitor's colours (light)
  --still, --moving the visitor's wish for motion (moving)
  --at PATH         load another address, such as '#s=...'
  --wait MS         let the page run
  --until EXPR      wait until a JavaScript expression is true, 30 s at most
  --script JS       run JavaScript
  --click SELECTOR  click on an element
  --press KEYS      press a key: a character, Tab, Enter, Escape, Control+k
  --print EXPR      print the value of a JavaScript expression
  --out FILE        write a PNG file (without any: target/page/shot.png)

Before the steps:

  --dev             build an unoptimised page, faster
  --url URL         take what is served there already, and build nothing";

/// How long `--until` waits.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
enum Step {
    Size(u32, u32),
    Dark(bool),
    Still(bool),
    At(String),
    Wait(Duration),
    Until(String),
    Script(String),
    Click(String),
    Press(String),
    Print(String),
    Out(PathBuf),
}

fn main() -> ExitCode {
    // The text of a mistake in the arguments holds its cause already.
    let steps = read(Parser::from_env()).map_err(|error| anyhow!("{error}"));
    match steps.and_then(|steps| match steps {
        Some(steps) => take(&steps),
        None => {
            println!("{USAGE}");
            Ok(())
        }
    }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shot: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The steps, or nothing when help is asked for.
fn read(mut parser: Parser) -> Result<Option<Vec<Step>>, lexopt::Error> {
    let mut steps = Vec::new();
    while let Some(arg) = parser.next()? {
        let step = match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Long("size") => {
                let (width, height) = parser.value()?.parse_with(size)?;
                Step::Size(width, height)
            }
            Arg::Long("dark") => Step::Dark(true),
            Arg::Long("light") => Step::Dark(false),
            Arg::Long("still") => Step::Still(true),
            Arg::Long("moving") => Step::Still(false),
            Arg::Long("at") => Step::At(parser.value()?.string()?),
            Arg::Long("wait") => Step::Wait(Duration::from_millis(parser.value()?.parse()?)),
            Arg::Long("until") => Step::Until(parser.value()?.string()?),
            Arg::Long("script") => Step::Script(parser.value()?.string()?),
            Arg::Long("click") => Step::Click(parser.value()?.string()?),
            Arg::Long("press") => Step::Press(parser.value()?.string()?),
            Arg::Long("print") => Step::Print(parser.value()?.string()?),
            Arg::Long("out") => Step::Out(parser.value()?.into()),
            other => return Err(other.unexpected()),
        };
        steps.push(step);
    }
    Ok(Some(steps))
}

/// Reads `1280x720`.
fn size(text: &str) -> Result<(u32, u32), String> {
    let pair = text
        .split_once('x')
        .and_then(|(width, height)| width.parse().ok().zip(height.parse().ok()));
    pair.ok_or_else(|| String::from("a size is written like 1280x720"))
}

fn take(steps: &[Step]) -> Result<()> {
    let browser = Browser::open()?;
    let page = setting(PAGE)?;
    let mut screen = Screen::new(1280, 720);
    let mut loaded = false;
    for step in steps {
        let sets_the_screen = matches!(step, Step::Size(..) | Step::Dark(_) | Step::Still(_));
        if !sets_the_screen && !loaded && !matches!(step, Step::At(_)) {
            load(&browser, screen, &page)?;
        }
        loaded |= !sets_the_screen;
        match step {
            Step::Size(width, height) => {
                screen = Screen { width: *width, height: *height, ..screen }
            }
            Step::Dark(dark) => screen = screen.dark(*dark),
            Step::Still(still) => screen = screen.still(*still),
            Step::At(path) => load(&browser, screen, &format!("{page}{path}"))?,
            Step::Wait(time) => thread::sleep(*time),
            Step::Until(expression) => browser.wait_for(expression, PATIENCE)?,
            Step::Script(script) => browser.run(script).map(drop)?,
            Step::Click(selector) => browser.click(&browser.find(selector)?)?,
            Step::Press(keys) => browser.press(keys)?,
            Step::Print(expression) => println!("{}", browser.eval(expression)?),
            Step::Out(file) => shoot(&browser, file.clone())?,
        }
        if sets_the_screen && loaded {
            browser.look(screen)?;
        }
    }
    if !loaded {
        load(&browser, screen, &page)?;
    }
    if !steps.iter().any(|step| matches!(step, Step::Out(_))) {
        shoot(&browser, picture("shot")?)?;
    }
    for entry in browser.console()? {
        println!("console: {} {}", entry.level, entry.message);
    }
    Ok(())
}

/// Loads a page as a visitor in front of `screen`, and gives it the time to draw itself.
fn load(browser: &Browser, screen: Screen, url: &str) -> Result<()> {
    browser.look(screen)?;
    browser.goto(url)?;
    browser.wait_for("document.querySelector('main')", PATIENCE)?;
    browser.run("return document.fonts.ready.then(() => true)").map(drop)
}

fn shoot(browser: &Browser, file: PathBuf) -> Result<()> {
    browser.screenshot(&file)?;
    println!("{}", file.canonicalize().context("the picture was not written")?.display());
    Ok(())
}
