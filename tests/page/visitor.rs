//! Somebody in front of the page: waits, looks, clicks and presses.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use shardscope_page_tests::{Browser, Element, PAGE, Screen, setting};

/// Long enough for an election on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// Every link that is cut.
pub(crate) const CUTS: &str = "document.querySelectorAll('[data-test=link][data-cut=true]').length";

/// How wide the page is too wide.
pub(crate) const SIDEWAYS: &str =
    "document.documentElement.scrollWidth - document.documentElement.clientWidth";

/// The servers in office as `S1 3`, the highest term first.
const LEADERS: &str = "[...document.querySelectorAll(\
    '[data-test=server][data-role=leader][data-health=up]')]\
    .map((node) => node.dataset).sort((a, b) => b.term - a.term)\
    .map((data) => `${data.server} ${data.term}`)";

/// A server in office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leader {
    /// `S3`.
    pub(crate) name: String,
    /// Its term.
    pub(crate) term: u64,
}

/// Somebody in front of the page.
pub(crate) struct Visitor {
    /// The browser.
    pub(crate) browser: Browser,
}

impl Visitor {
    /// Loads the page with a run of `seed` and waits until it is drawn.
    pub(crate) fn arrive(screen: Screen, seed: u64) -> Result<Self> {
        Self::arrive_at(screen, &format!("#seed={seed}"))
    }

    /// Loads the page by an address that goes on with `path`.
    pub(crate) fn arrive_at(screen: Screen, path: &str) -> Result<Self> {
        let visitor = Self::knock(screen, path)?;
        visitor.wait("document.querySelectorAll('[data-test=server]').length === 5")?;
        visitor.browser.run("return document.fonts.ready.then(() => true)")?;
        Ok(visitor)
    }

    /// Loads the page and waits for nothing but its clock.
    pub(crate) fn knock(screen: Screen, path: &str) -> Result<Self> {
        let browser = Browser::open()?;
        browser.look(screen)?;
        browser.goto(&format!("{}{path}", setting(PAGE)?))?;
        let visitor = Self { browser };
        visitor.wait_to_see("[data-test=clock]")?;
        Ok(visitor)
    }

    /// Waits until a JavaScript expression is true.
    pub(crate) fn wait(&self, expression: &str) -> Result<()> {
        self.browser.wait_for(expression, PATIENCE)
    }

    /// Waits until something is on the page.
    pub(crate) fn wait_to_see(&self, selector: &str) -> Result<()> {
        self.wait(&format!("document.querySelector(\"{selector}\")"))
    }

    /// Waits until something is on the page no more.
    pub(crate) fn wait_to_miss(&self, selector: &str) -> Result<()> {
        self.wait(&format!("!document.querySelector(\"{selector}\")"))
    }

    /// A number that a JavaScript expression gives.
    pub(crate) fn number(&self, expression: &str) -> Result<u64> {
        let value = self.browser.eval(&format!("Number({expression})"))?;
        value.as_u64().with_context(|| format!("`{expression}` is {value}, no number"))
    }

    /// A text that a JavaScript expression gives.
    pub(crate) fn words(&self, expression: &str) -> Result<String> {
        Ok(self.browser.eval(expression)?.as_str().unwrap_or_default().to_owned())
    }

    /// Clicks on what a selector finds.
    pub(crate) fn click(&self, selector: &str) -> Result<()> {
        let element = self.browser.find(selector)?;
        self.browser.click(&element).with_context(|| format!("{selector} cannot be clicked"))
    }

    /// Clicks the obvious button, which must say `label`.
    pub(crate) fn click_primary(&self, label: &str) -> Result<()> {
        let button = "document.querySelector('[data-test=primary]')";
        self.wait(&format!(
            "{button}.textContent.includes('{label}') && {button}.ariaDisabled === 'false'"
        ))?;
        self.click("[data-test=primary]")
    }

    /// Simulated time in microseconds.
    pub(crate) fn clock(&self) -> Result<u64> {
        self.number("document.querySelector('[data-test=clock]').dataset.micros")
    }

    /// Waits until simulated time fulfils `condition`, such as `> 5`.
    pub(crate) fn wait_for_clock(&self, condition: &str) -> Result<()> {
        let micros = "Number(document.querySelector('[data-test=clock]').dataset.micros)";
        self.wait(&format!("{micros} {condition}"))
    }

    /// Whether simulated time stands still for as long as a person looks at it.
    pub(crate) fn clock_stands(&self) -> Result<bool> {
        let before = self.clock()?;
        self.browser.run(
            "return new Promise((done) => { let frames = 20; const next = () => \
             (frames -= 1) ? requestAnimationFrame(next) : done(true); next(); })",
        )?;
        Ok(self.clock()? == before)
    }

    /// Waits until one leads in a higher term than `term`; it is that of the highest.
    pub(crate) fn wait_for_leader(&self, term: u64) -> Result<Leader> {
        self.wait(&format!("{LEADERS}.some((leader) => leader.split(' ')[1] > {term})"))?;
        let text = self.words(&format!("{LEADERS}[0]"))?;
        let (name, term) = text.split_once(' ').context("nobody leads any more")?;
        Ok(Leader { name: name.to_owned(), term: term.parse()? })
    }

    /// Waits until a server is `up`, `down` or `paused`.
    pub(crate) fn wait_for_health(&self, server: &str, health: &str) -> Result<()> {
        self.wait_to_see(&format!("[data-server={server}][data-health={health}]"))
    }

    /// A server's disc: labels and signs beside it belong to it too, so its middle is elsewhere.
    pub(crate) fn disc(&self, server: &str) -> Result<Element> {
        self.browser.find(&format!("[data-test=server][data-server={server}] .disc"))
    }

    /// Presses Tab until the focus is on what a selector finds.
    pub(crate) fn tab_to(&self, selector: &str) -> Result<()> {
        for _ in 0..60 {
            self.browser.press("Tab")?;
            let there = format!("document.activeElement.matches('{selector}')");
            if self.browser.eval(&there)? == true {
                return Ok(());
            }
        }
        bail!("Tab never came to {selector}")
    }

    /// Presses keys one after the other.
    pub(crate) fn press(&self, keys: &[&str]) -> Result<()> {
        keys.iter().try_for_each(|key| self.browser.press(key))
    }

    /// Whether axe finds nothing that keeps people with disabilities from using what is seen.
    pub(crate) fn audit(&self, what: &str) -> Result<()> {
        let axe = include_str!("axe/axe.min.js");
        self.browser.run(&format!("if (!window.axe) {{ {axe} }}"))?;
        let found = self.browser.run(
            "return axe.run().then((found) => found.violations.map((of) => \
             `${of.id}: ${of.nodes[0].html.slice(0, 200)} ${of.nodes[0].failureSummary}`))",
        )?;
        ensure!(found == json!([]), "{what}: {found:#}");
        Ok(())
    }

    /// The page must have been silent.
    pub(crate) fn leave(self) -> Result<()> {
        assert_eq!(self.browser.errors()?, [], "the console has errors");
        Ok(())
    }
}
