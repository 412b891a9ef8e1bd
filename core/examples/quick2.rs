use shardscope_core::sim::swarm;
fn main() {
    let mut a = std::env::args().skip(1).map(|a| a.parse::<u64>().unwrap());
    let (from, to) = (a.next().unwrap_or(0), a.next().unwrap_or(50));
    let start = std::time::Instant::now();
    let mut steps = 0;
    let mut acks = u64::MAX;
    let mut fails = 0;
    for seed in from..to {
        let o = swarm::run(seed);
        steps += o.steps;
        acks = acks.min(o.acknowledged);
        if let Some(f) = o.failure {
            fails += 1;
            println!(
                "seed {seed} ({} servers, {} steps, {} acks): {f}",
                o.servers, o.steps, o.acknowledged
            );
        }
    }
    println!(
        "{} seeds, {steps} steps, {fails} failures, least acks {acks}, {:?}",
        to - from,
        start.elapsed()
    );
}
