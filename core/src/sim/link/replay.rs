//! A run that a link holds, made again.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::course::{Deed, Moment};
use super::{Opened, Wrong};
use crate::sim::timeline::Timeline;

/// A run on its way to the moment of a link. It is made in parts, so that a page stays awake
/// meanwhile.
#[derive(Clone, Debug)]
pub struct Replay {
    timeline: Timeline,
    /// What is still to be done, the next one last.
    deeds: Vec<Deed>,
    opened: Opened,
}

/// Why a part was the last one.
enum Stop {
    /// The budget is spent.
    Spent,
    /// This is not how the run goes.
    Lost(String),
}

impl Opened {
    /// The run at its beginning.
    pub fn replay(mut self) -> Replay {
        let mut deeds = core::mem::take(&mut self.deeds);
        deeds.reverse();
        Replay { timeline: Timeline::new(self.scenario.clone()), deeds, opened: self }
    }
}

impl Replay {
    /// Goes on for about `budget` events and actions, and for at least one. True: the moment is
    /// reached.
    ///
    /// # Errors
    /// One sentence that says where the run goes differently than the link says. Then nothing more
    /// comes of it, and [`Replay::into_timeline`] has what came before.
    pub fn advance(&mut self, budget: u32) -> Result<bool, Wrong> {
        let mut budget = budget.max(1);
        match self.go(&mut budget) {
            Ok(()) => Ok(true),
            Err(Stop::Spent) => Ok(false),
            Err(Stop::Lost(why)) => Err(self.opened.wrong("cannot be played", &why)),
        }
    }

    /// Events so far, and those up to the moment: how much is done.
    pub fn progress(&self) -> (u64, u64) {
        let last = self.deeds.first().map_or(0, |deed| deed.moment.step + 1);
        let done = self.timeline.head_step();
        (done, last.max(self.opened.moment.step).max(done))
    }

    /// The run, as far as it came.
    pub fn into_timeline(self) -> Timeline {
        self.timeline
    }

    fn go(&mut self, budget: &mut u32) -> Result<(), Stop> {
        while let Some(first) = self.deeds.last() {
            if *budget == 0 {
                return Err(Stop::Spent);
            }
            self.reach(first.moment, budget)?;
            // What was done together is undone together.
            let mut together = Vec::new();
            while let Some(deed) = self.deeds.pop_if(|deed| deed.joined || together.is_empty()) {
                together.push(deed.action);
            }
            *budget = budget.saturating_sub(together.len() as u32);
            self.timeline.act_all(together).map_err(|refusal| {
                let step = self.timeline.step_number() + 1;
                Stop::Lost(format!("Its step {step} is not possible. {}", refusal.0))
            })?;
        }
        let moment = self.opened.moment;
        if moment.step < self.timeline.step_number() {
            self.timeline.seek_step(moment.step);
        }
        self.reach(moment, budget)
    }

    /// Lets events happen up to a step, and time pass behind it.
    fn reach(&mut self, Moment { step, after }: Moment, budget: &mut u32) -> Result<(), Stop> {
        while self.timeline.step_number() < step {
            *budget = budget.checked_sub(1).ok_or(Stop::Spent)?;
            if !self.timeline.step_forward() {
                return Err(Stop::Lost(format!("There is no step {step}.")));
            }
        }
        if self.timeline.linger(after) {
            return Ok(());
        }
        Err(Stop::Lost(format!("Something else happens after step {step}.")))
    }
}
