//! A folder to work in, and a builder that runs the program in it.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

pub fn project_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A temporary folder.
pub struct Bench(tempfile::TempDir);

impl Bench {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Run::new(args).folder(self.path()).go()
    }

    /// `scan` as JSONL; fails unless the exit code is 0.
    pub fn scan(&self, args: &[&str]) -> Findings {
        let ran = self.run(&[&["scan", "--format", "jsonl"], args].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.findings()
    }
}

/// The program, to be run.
pub struct Run(Command, Vec<u8>);

impl Run {
    pub fn new(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_refrain"));
        command.args(args).env_remove("NO_COLOR").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("REFRAIN_")) {
            command.env_remove(name);
        }
        Self(command, Vec::new())
    }

    pub fn folder(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.1 = bytes.into();
        self
    }

    pub fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.0.stdout(to);
        self
    }

    /// Starts it, for a test that holds its pipes or sends it a signal.
    pub fn start(mut self) -> Child {
        self.0.spawn().unwrap()
    }

    pub fn go(mut self) -> Ran {
        let mut child = self.0.spawn().unwrap();
        let (mut pipe, bytes) = (child.stdin.take().unwrap(), self.1);
        let feeder = std::thread::spawn(move || drop(std::io::Write::write_all(&mut pipe, &bytes)));
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        Ran::from(output)
    }
}

/// What a run left.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        let ran = Self { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        ran
    }
}

impl Ran {
    pub fn findings(&self) -> Findings {
        Findings(self.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is a finding")).collect())
    }
}

/// The names in a folder, in order.
pub fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Lines of `--format jsonl`.
#[derive(Debug, PartialEq)]
pub struct Findings(pub Vec<Value>);

impl Findings {
    pub fn of(&self, kind: &str) -> Vec<&Value> {
        self.0.iter().filter(|finding| finding["type"] == kind).collect()
    }

    pub fn summary(&self, field: &str) -> u64 {
        self.of("summary")[0][field].as_u64().unwrap_or_else(|| panic!("summary without {field}"))
    }
}

/// `count` words that stand nowhere else: `salt` tells texts apart.
pub fn words(salt: &str, count: usize) -> String {
    (0..count).map(|n| format!("{salt}{n}")).collect::<Vec<_>>().join(" ")
}

/// A JSONL record.
pub fn record(id: &str, text: &str) -> String {
    serde_json::json!({ "id": id, "text": text }).to_string() + "\n"
}

/// A scan of one file that holds no article, or none that can be read.
#[track_caller]
pub fn unread(name: &str, content: impl AsRef<[u8]>, args: &[&str]) -> Ran {
    let bench = Bench::new();
    bench.write(name, content);
    let ran = bench.run(&[&["scan", name, "--format", "jsonl"], args].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    ran
}

/// A scan of one file, which goes well: the run, and what was found.
#[track_caller]
pub fn scanned(name: &str, content: impl AsRef<[u8]>, args: &[&str]) -> (Ran, Findings) {
    let bench = Bench::new();
    bench.write(name, content);
    let ran = bench.run(&[&["scan", name, "--format", "jsonl"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let findings = ran.findings();
    (ran, findings)
}
