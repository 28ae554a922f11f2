//! Links functions without their unwind tables, a tenth of their size.

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=without-unwind-tables.ld");
    // Nobody reads them in the profile `function`, where a panic aborts. Cargo does not tell this script of panics, but of
    // `opt-level`, which is "z" in that profile alone.
    if var("OPT_LEVEL").is_ok_and(|level| level == "z")
        && var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux")
        && let Ok(folder) = var("CARGO_MANIFEST_DIR")
    {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{folder}/without-unwind-tables.ld");
    }
}
