//! What travels, and what becomes of it where it arrives.

use super::*;

/// Who asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Who {
    Mover(usize),
    Client(usize),
    Nobody,
}

#[derive(Clone, Debug)]
pub(super) enum Happens {
    /// A request reaches a server of the controller.
    AtController { at: NodeId, who: Who, tag: u64, call: Call<controller::Command> },
    /// A request reaches a server of a group.
    AtGroup { group: usize, at: NodeId, who: Who, tag: u64, command: Command, read: bool },
    /// A proposal is committed.
    Commit { group: usize, life: u32, who: Who, tag: u64, command: Command },
    /// An answer reaches a mover.
    ToMover { group: usize, from: NodeId, tag: u64, heard: mover::Heard },
    /// An answer reaches a client.
    ToClient { client: usize, from: NodeId, tag: u64, heard: clerk::Heard },
}

impl Lab {
    pub(super) fn perform(&mut self, group: usize, mut moves: Moves) {
        for done in moves.drain() {
            let who = Who::Mover(group);
            match done {
                Move::Ask { to, tag, query } => {
                    let command = controller::Command::Query(query);
                    let call = Call { client: ClientId(0), serial: Serial(0), command };
                    self.send(Happens::AtController { at: to, who, tag, call });
                }
                Move::Push { to, tag, install } => {
                    let command = Command::Install(install);
                    self.request(to, who, tag, command, false);
                }
                Move::Propose(command) => self.propose(group, Who::Nobody, 0, command),
            }
        }
    }

    fn request(&mut self, at: NodeId, who: Who, tag: u64, command: Command, read: bool) {
        let group = usize::from(at.0 / SERVERS) - 1;
        self.send(Happens::AtGroup { group, at, who, tag, command, read });
    }

    fn propose(&mut self, group: usize, who: Who, tag: u64, command: Command) {
        if self.lane.chance(self.faults.lost) {
            return;
        }
        let life = self.groups[group].life;
        self.later(Happens::Commit { group, life, who, tag, command });
    }

    fn send(&mut self, happens: Happens) {
        if self.lane.chance(self.faults.twice) {
            self.later(happens.clone());
        }
        if !self.lane.chance(self.faults.drop) {
            self.later(happens);
        }
    }

    fn later(&mut self, happens: Happens) {
        let longest = if self.lane.chance(self.faults.slow) { ms(1_000) } else { ms(8) };
        let at = self.now + self.lane.between(ms(1), longest);
        let place = self.steps << 20 | self.queue.len() as u64;
        // Two that come to the same place would be the same moment and draw: keep both.
        let place = (place..).find(|place| !self.queue.contains_key(&(at, *place)));
        self.queue.insert((at, place.unwrap()), happens);
    }

    pub(super) fn happen(&mut self, happens: Happens) {
        match happens {
            Happens::AtController { at, who, tag, call } => self.at_controller(at, who, tag, &call),
            Happens::AtGroup { group, at, who, tag, command, read } => {
                self.at_group(group, at, who, tag, command, read);
            }
            Happens::Commit { group, life, who, tag, command } => {
                self.commit(group, life, who, tag, &command);
            }
            Happens::ToMover { group, from, tag, heard } => {
                let Group { mover, machine, up, .. } = &mut self.groups[group];
                let mut moves = Moves::default();
                if *up {
                    mover.receive(self.now, from, tag, heard, true, machine, &mut moves);
                }
                self.perform(group, moves);
            }
            Happens::ToClient { client, .. } if self.clients[client].deaf => {}
            Happens::ToClient { client, from, tag, heard } => {
                let mut errands = Errands::default();
                self.clients[client].clerk.receive(self.now, from, tag, heard, &mut errands);
                self.run_errands(client, errands);
            }
        }
    }

    fn at_controller(&mut self, at: NodeId, who: Who, tag: u64, call: &Call<controller::Command>) {
        let answer = if at != NodeId(0) {
            Err(Refusal::Refused(Refused::NotLeader { hint: Some(NodeId(0)) }))
        } else {
            Ok(self.decreed(call).unwrap_or_else(|| {
                let read = self.controller.read(call);
                read.unwrap_or_else(|| self.controller.apply(call))
            }))
        };
        match who {
            Who::Mover(group) => {
                let heard = match answer {
                    Ok(Answer::Done(controller::Reply::Config(config))) => {
                        mover::Heard::Config(config)
                    }
                    Ok(_) => return,
                    Err(refusal) => mover::Heard::Refused(refusal),
                };
                self.send(Happens::ToMover { group, from: at, tag, heard });
            }
            Who::Client(client) => {
                let heard = match answer {
                    Ok(answer) => clerk::Heard::Controller(answer),
                    Err(refusal) => clerk::Heard::Refused(refusal),
                };
                self.send(Happens::ToClient { client, from: at, tag, heard });
            }
            Who::Nobody => {}
        }
    }

    /// What is answered instead of the controller.
    fn decreed(&self, call: &Call<controller::Command>) -> Option<Answer<controller::Reply>> {
        let (first, latest) = (self.decrees.first()?, self.decrees.last()?);
        let config = match &call.command {
            controller::Command::Query(Some(number)) if *number < first.number => return None,
            controller::Command::Query(number) => {
                let decree = |number| self.decrees.iter().find(|config| config.number == number);
                number.and_then(decree).unwrap_or(latest)
            }
            _ => return Some(Answer::Done(controller::Reply::Changed(latest.number))),
        };
        Some(Answer::Done(controller::Reply::Config(config.clone())))
    }

    /// As a server does: reads and what is known are answered at once.
    fn at_group(
        &mut self,
        group: usize,
        at: NodeId,
        who: Who,
        tag: u64,
        command: Command,
        read: bool,
    ) {
        let it = &self.groups[group];
        if !it.up {
            return;
        }
        let leads = it.servers[it.leader] == at;
        let known = || (ShardKv::composition(self.plan.mutant).known)(&it.machine, &command);
        let read = read.then(|| it.machine.read(&command)).flatten();
        let hint = Some(it.servers[it.leader]);
        let not_leader = Err(Refusal::Refused(Refused::NotLeader { hint }));
        match (leads, read) {
            (true, Some(reply)) => self.answer(at, who, tag, Ok(reply)),
            (false, Some(_)) => self.answer(at, who, tag, not_leader),
            (_, None) => match known() {
                Some(reply) => self.answer(at, who, tag, Ok(reply)),
                None if leads => self.propose(group, who, tag, command),
                None => self.answer(at, who, tag, not_leader),
            },
        }
    }

    fn answer(&mut self, from: NodeId, who: Who, tag: u64, result: Result<Reply, Refusal>) {
        match (who, result) {
            (Who::Mover(group), Ok(Reply::Install(installed))) => {
                let heard = mover::Heard::Install(installed);
                self.send(Happens::ToMover { group, from, tag, heard });
            }
            (Who::Mover(group), Err(refusal)) => {
                let heard = mover::Heard::Refused(refusal);
                self.send(Happens::ToMover { group, from, tag, heard });
            }
            (Who::Client(client), result) => {
                let heard = match result {
                    Ok(reply) => clerk::Heard::Group(reply),
                    Err(refusal) => clerk::Heard::Refused(refusal),
                };
                self.send(Happens::ToClient { client, from, tag, heard });
            }
            _ => {}
        }
    }

    pub(super) fn commit(
        &mut self,
        group: usize,
        life: u32,
        who: Who,
        tag: u64,
        command: &Command,
    ) {
        let it = &mut self.groups[group];
        if !it.up {
            return;
        }
        let before = it.machine.clone();
        let execute = ShardKv::composition(self.plan.mutant).execute;
        let reply = execute(&mut it.machine, command);
        let (same, from) = (it.life == life, it.servers[it.leader]);
        self.watch.applied(&before, &it.machine, command, &reply);
        self.watch.looked(&self.groups);
        if same {
            self.answer(from, who, tag, Ok(reply));
        }
        self.look(group);
    }

    pub(super) fn run_errands(&mut self, client: usize, mut errands: Errands) {
        for errand in errands.drain() {
            let who = Who::Client(client);
            match errand {
                Errand::Ask { to, request: Request { tag, command, read } } => {
                    if !read || !matches!(command.command, controller::Command::Query(_)) {
                        self.note_sent(client, &command);
                    }
                    self.send(Happens::AtController { at: to, who, tag, call: command });
                }
                Errand::Send { to, request: Request { tag, command, read } } => {
                    self.note_sent(client, &command);
                    self.request(to, who, tag, Command::Client(command), read);
                }
                Errand::Done { by, reply, .. } => self.finish(client, by, reply),
            }
        }
        self.go_on(client);
    }

    /// KI-11: whatever becomes of a call, it keeps its session and number.
    fn note_sent<C>(&mut self, client: usize, call: &Call<C>) {
        let now = (call.client, call.serial);
        let before = self.clients[client].sent.replace(now);
        if before.is_some_and(|before| before != now) {
            self.watch.violated("KI-11", format!("{before:?} became {now:?}"));
        }
    }

    fn finish(&mut self, client: usize, by: NodeId, reply: Option<Outcome>) {
        self.clients[client].sent = None;
        self.clients[client].outcomes.push(reply.clone());
        if let Some(Operation::Key(command)) = self.clients[client].open.take() {
            let reply = reply.and_then(|outcome| match outcome {
                Outcome::Key(reply) => Some(reply),
                Outcome::Control(_) => None,
            });
            self.watch.returned(&command, reply.as_ref());
            self.record(client, What::Return { by, reply });
        }
    }
}
