//! Stories on the page: opened, told back and forth, answered, and kept as files.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};
use shardscope_page_tests::{Browser, PAGE, Screen, setting};

use super::visitor::{SIDEWAYS, Visitor};

const LAPTOP: Screen = Screen::new(1280, 720);
const PHONE: Screen = Screen::new(390, 844);

/// What the story says.
const BEAT: &str = "document.querySelector('[data-test=beat]').textContent";

/// Text that the page says is wrong.
const COMPLAINT: &str = "document.querySelector('[data-test=complaint]')?.textContent";

/// Counts the judges that the page calls; as long as `window.offline` is set, none can be fetched.
const WATCH_JUDGES: &str = "window.judges = 0; const Real = Worker; \
     window.Worker = class extends Real { constructor(url, options) { \
     super(window.offline ? 'nowhere.js' : url, options); window.judges += 1; } };";
const JUDGES: &str = "window.judges";

/// A file for the browser to open, which goes when it is dropped: no sooner than it was read.
struct Draft(PathBuf);

impl Draft {
    fn new(name: &str, text: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("{}-{name}", std::process::id()));
        fs::write(&path, text)?;
        Ok(Self(path))
    }

    fn open(&self, visitor: &Visitor) -> Result<()> {
        let input = visitor.browser.find("[data-test=story-file]")?;
        visitor.browser.type_into(&input, &self.0.to_string_lossy())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // A file that is gone already needs no removing.
        let _ = fs::remove_file(&self.0);
    }
}

/// Opens the list of stories by the menu.
fn list(visitor: &Visitor) -> Result<()> {
    visitor.click("[data-test=menu]")?;
    visitor.wait_to_see("[data-test=stories]")?;
    visitor.click("[data-test=stories]")?;
    visitor.wait_to_see("dialog[open][data-test=stories-dialog]")?;
    visitor.wait_to_see("[data-test=tale]")
}

/// Opens the story whose title begins so.
fn open(visitor: &Visitor, title: &str) -> Result<()> {
    list(visitor)?;
    let tales = "[...document.querySelectorAll('[data-test=tale]')]";
    let index = visitor
        .number(&format!("{tales}.findIndex((t) => t.textContent.trim().startsWith('{title}'))"))?;
    visitor.browser.run(&format!("{tales}[{index}].dataset.wanted = true"))?;
    visitor.click("[data-wanted=true]")?;
    visitor.wait_to_miss("dialog")?;
    visitor.wait_to_see("[data-test=story]")
}

/// Waits until so many beats were reached, and time stands still.
fn reach(visitor: &Visitor, beats: u64) -> Result<String> {
    visitor.wait(&format!(
        "document.querySelector('[data-test=story][data-beat=\"{beats}\"]') && \
         document.querySelector('[data-test=play][data-playing=false]')"
    ))?;
    visitor.words(BEAT)
}

/// Goes on by `go` until the story asks something; says how many beats that took.
fn to_the_question(visitor: &Visitor, go: impl Fn() -> Result<()>) -> Result<u64> {
    let mut beats = visitor.number("document.querySelector('[data-test=story]').dataset.beat")?;
    let asks = "document.querySelector('[data-test=beat][data-kind=ask]') !== null";
    reach(visitor, beats)?;
    while visitor.browser.eval(asks)? != true {
        go()?;
        beats += 1;
        reach(visitor, beats)?;
    }
    Ok(beats)
}

/// Keeps what the page saves in `window.saved`, as text.
fn watch_saving(visitor: &Visitor) -> Result<Value> {
    visitor.browser.run(
        "const make = URL.createObjectURL.bind(URL); window.saved = null; \
         URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text; }); \
         return make(blob); };",
    )
}

fn by_mouse(screen: Screen) -> Result<()> {
    let visitor = Visitor::arrive(screen, 7)?;
    open(&visitor, "The answer is lost, and the client")?;
    let next = || visitor.click("[data-test=story-next]");
    // The story has three servers.
    visitor.wait("document.querySelectorAll('[data-test=server]').length === 3")?;
    let first = reach(&visitor, 1)?;
    assert_eq!(first, "Client 1 appends a to x. The answer to it will be lost.");
    assert_eq!(visitor.browser.eval("document.activeElement.id")?, "story-next");
    let begun = visitor.clock()?;
    next()?;
    assert!(reach(&visitor, 2)?.starts_with("The append is done"));
    let asked = visitor.clock()?;
    assert!(asked > begun);
    // Nothing is told before it is answered.
    next()?;
    visitor.wait(
        "document.querySelector('[data-test=consequence]').textContent\
                  .includes('Choose an answer')",
    )?;
    assert_eq!(visitor.clock()?, asked);
    visitor.click("[data-test=story-back]")?;
    assert_eq!(reach(&visitor, 1)?, first);
    assert_eq!(visitor.clock()?, begun);
    next()?;
    reach(&visitor, 2)?;
    assert_eq!(visitor.clock()?, asked, "the same beat is another moment");
    // The wrong one: it is locked in, and the run says so.
    visitor.click("[data-test=choice]:first-child")?;
    let answer = reach(&visitor, 3)?;
    assert!(answer.starts_with("It came out otherwise: a: S1 knows"), "{answer}");
    visitor.wait_to_see("[data-test=choice][aria-pressed=true][data-truth=wrong]")?;
    visitor.click("[data-test=story-back]")?;
    reach(&visitor, 2)?;
    visitor.click("[data-test=choice]:last-child")?;
    visitor.wait_to_see("[data-test=choice]:first-child[aria-pressed=true]")?;
    assert_eq!(visitor.number(SIDEWAYS)?, 0);
    assert!(visitor.words("document.querySelector('[data-test=spoken]').textContent")?.len() > 20);
    // Closed, the run is still there, and says again what happens.
    visitor.click("[data-test=story-close]")?;
    visitor.wait_to_see("[data-test=narration]")?;
    assert_eq!(visitor.clock()?, asked);
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_story_is_told_by_mouse() -> Result<()> {
    by_mouse(LAPTOP)
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_story_is_told_on_a_phone() -> Result<()> {
    by_mouse(PHONE)
}

fn by_keyboard(screen: Screen) -> Result<()> {
    let visitor = Visitor::arrive(screen, 7)?;
    visitor.press(&["t"])?;
    visitor.wait_to_see("dialog[open][data-test=stories-dialog]")?;
    // The first story has the focus as soon as it is there.
    visitor.wait("document.activeElement.dataset.test === 'tale'")?;
    visitor.press(&["Enter"])?;
    visitor.wait_to_see("[data-test=story]")?;
    reach(&visitor, 1)?;
    let asked = to_the_question(&visitor, || visitor.press(&["PageDown"]))?;
    visitor.press(&["1"])?;
    visitor.wait_to_see("[data-test=choice]:first-child[aria-pressed=true]")?;
    visitor.wait("document.activeElement.id === 'story-next'")?;
    reach(&visitor, asked + 1)?;
    visitor.press(&["PageUp"])?;
    reach(&visitor, asked)?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_story_is_told_by_keyboard() -> Result<()> {
    by_keyboard(LAPTOP)
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_story_is_told_at_once_to_whom_motion_is_too_much() -> Result<()> {
    by_keyboard(PHONE.still(true))
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn what_fails_is_shown_at_its_event() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP.still(true), 7)?;
    open(&visitor, "R1: vote not persisted")?;
    let asked = to_the_question(&visitor, || visitor.click("[data-test=story-next]"))?;
    visitor.click("[data-test=choice]:last-child")?;
    reach(&visitor, asked + 1)?;
    visitor.click("[data-test=story-next]")?;
    let said = reach(&visitor, asked + 2)?;
    assert!(said.starts_with("Line 30 fails. Expected: RI-2 holds. Found: "), "{said}");
    visitor.wait_to_see("[data-test=verdict][data-state=broken]")?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_file_that_is_no_script_loses_no_run() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP.still(true), 7)?;
    let now = visitor.clock()?;
    list(&visitor)?;
    let bad = "shardscope script 1\ncluster\n  servers 3\nstory\n  crsh S1\n";
    let draft = Draft::new("bad.script", bad)?;
    draft.open(&visitor)?;
    visitor.wait(COMPLAINT)?;
    let said = visitor.words(COMPLAINT)?;
    assert!(said.contains("line 5, column 3") && said.contains("crsh S1"), "{said}");
    // Dropped on the page, it is read as well.
    visitor.press(&["Escape"])?;
    visitor.wait_to_miss("dialog")?;
    visitor.browser.run(
        "const dropped = new DataTransfer(); dropped.items.add(new File(['no script'], 'a.txt')); \
         document.querySelector('[data-test=page]').dispatchEvent(new DragEvent('drop', \
         { bubbles: true, cancelable: true, dataTransfer: dropped }));",
    )?;
    visitor.wait(&format!("{COMPLAINT}?.includes('line 1')"))?;
    visitor.press(&["Escape"])?;
    visitor.wait_to_miss("dialog")?;
    assert_eq!(visitor.clock()?, now);
    visitor.wait("document.querySelectorAll('[data-test=server]').length === 5")?;
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_run_is_saved_as_a_script_and_opened_again() -> Result<()> {
    let visitor = Visitor::arrive(LAPTOP, 7)?;
    let leader = visitor.wait_for_leader(0)?;
    visitor.click_primary("Crash the leader")?;
    visitor.wait_for_health(&leader.name, "down")?;
    visitor.click("[data-test=play]")?;
    visitor.wait_to_see("[data-test=play][data-playing=false]")?;
    let now = visitor.clock()?;
    watch_saving(&visitor)?;
    list(&visitor)?;
    visitor.click("[data-test=save-run]")?;
    visitor.wait("window.saved")?;
    let text = visitor.words("window.saved")?;
    assert!(text.contains(&format!("crash {}", leader.name)), "{text}");
    visitor.press(&["Escape"])?;
    visitor.wait_to_miss("dialog")?;
    // Another run, and back again from the file.
    open(&visitor, "Figure 7")?;
    visitor.wait("document.querySelectorAll('[data-test=server]').length === 7")?;
    list(&visitor)?;
    let draft = Draft::new("run.script", &text)?;
    draft.open(&visitor)?;
    visitor.wait("document.querySelectorAll('[data-test=server]').length === 5")?;
    visitor.wait_to_miss("dialog")?;
    visitor.press(&["PageDown"])?;
    reach(&visitor, 1)?;
    assert_eq!(visitor.clock()?, now);
    visitor.wait_for_health(&leader.name, "down")?;
    // The story that is open is saved as it was.
    list(&visitor)?;
    visitor.browser.run("window.saved = null")?;
    visitor.click("[data-test=save-story]")?;
    visitor.wait("window.saved")?;
    assert_eq!(visitor.words("window.saved")?, text);
    visitor.leave()
}

/// Loads the page with its judges counted.
fn arrive_among_judges(screen: Screen) -> Result<Visitor> {
    let browser = Browser::open()?;
    browser.look(screen)?;
    let source = json!({ "source": WATCH_JUDGES });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", source)?;
    browser.goto(&format!("{}#seed=7", setting(PAGE)?))?;
    let visitor = Visitor { browser };
    visitor.wait("document.querySelectorAll('[data-test=server]').length === 5")?;
    Ok(visitor)
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn the_judge_is_fetched_when_the_stories_open_and_only_once() -> Result<()> {
    let visitor = arrive_among_judges(LAPTOP)?;
    visitor.wait_for_leader(0)?;
    assert_eq!(visitor.number(JUDGES)?, 0, "nobody needs it yet");
    list(&visitor)?;
    assert_eq!(visitor.number(JUDGES)?, 1);
    visitor.press(&["Escape"])?;
    visitor.wait_to_miss("dialog")?;
    open(&visitor, "Figure 7")?;
    open(&visitor, "R1: vote not persisted")?;
    assert_eq!(visitor.number(JUDGES)?, 1, "it stays for the next story");
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_long_script_keeps_the_page_awake_and_can_be_given_up() -> Result<()> {
    let visitor = arrive_among_judges(LAPTOP)?;
    list(&visitor)?;
    // Logs of 20,000 entries that are compared 200,000 times: half a minute of work.
    let long = "shardscope script 1\ncluster\n  servers 3\n  clients 8\nstory\n  \
        set workload thinks 1 ms\n  after 100 s\n  set workload off\n  after 1 s\n  \
        until not logs of all servers are equal within 1000 s\n";
    let draft = Draft::new("long.script", long)?;
    draft.open(&visitor)?;
    visitor.wait_to_see("[data-test=give-up]")?;
    let now = visitor.clock()?;
    visitor.wait_for_clock(&format!("> {now}"))?;
    visitor.click("[data-test=give-up]")?;
    visitor.wait_to_miss("[data-test=give-up]")?;
    visitor.wait("document.activeElement.dataset.test === 'tale'")?;
    assert_eq!(visitor.browser.eval(COMPLAINT)?, Value::Null);
    // So it can by closing the dialog.
    draft.open(&visitor)?;
    visitor.wait_to_see("[data-test=give-up]")?;
    visitor.press(&["Escape"])?;
    visitor.wait_to_miss("dialog")?;
    visitor.wait("document.querySelectorAll('[data-test=server]').length === 5")?;
    // Another judge does the next job.
    open(&visitor, "Figure 7")?;
    assert_eq!(visitor.number(JUDGES)?, 3);
    visitor.leave()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn a_judge_that_cannot_be_fetched_is_fetched_later() -> Result<()> {
    let visitor = arrive_among_judges(LAPTOP.still(true))?;
    visitor.browser.run("window.offline = true")?;
    list(&visitor)?;
    visitor.click("[data-test=tale]")?;
    visitor.wait(&format!("{COMPLAINT}?.includes('could not be fetched')"))?;
    assert_eq!(visitor.words(COMPLAINT)?.matches("try again").count(), 1);
    visitor.browser.run("window.offline = false")?;
    visitor.click("[data-test=tale]")?;
    visitor.wait_to_see("[data-test=story]")?;
    visitor.leave()
}
