"""What pip is told, as a build can use it."""

from pathlib import Path

from ops.docker.pip_settings import CA_IN_BUILD, PipSettings, pip_settings, settings_of


def test_where_pip_is_told_nothing_a_build_is_handed_nothing() -> None:
    """As on most machines."""
    assert settings_of([], None) == PipSettings("", None, ())


def test_the_environment_goes_before_a_file() -> None:
    """As in pip, wherever the line stands."""
    lines = [":env:.timeout='9'", "global.timeout='5'", "install.no-color='true'"]

    assert settings_of(lines, None).config == "[global]\ntimeout = 9\nno-color = true\n"


def test_certificates_are_handed_over_under_another_name(tmp_path: Path) -> None:
    """Those of pip, else those that everything else here trusts; a file that is not there is none."""
    own, others = tmp_path / "own.pem", tmp_path / "others.pem"
    own.write_text("own")
    others.write_text("others")
    told = [f"global.cert='{own}'"]
    wanted = f"[global]\ncert = {CA_IN_BUILD}\n"

    assert settings_of(told, str(others)) == PipSettings(wanted, own, ())
    assert settings_of([], str(others)) == PipSettings(wanted, others, ())
    assert settings_of([], str(tmp_path / "nowhere.pem")) == PipSettings("", None, ())


def test_folders_on_this_disk_are_named_and_addresses_elsewhere_are_not(tmp_path: Path) -> None:
    """Of an index the folder above, where its files lie; of wheels their own; of what is absent none."""
    index, wheels = tmp_path / "mirror" / "simple", tmp_path / "wheels"
    index.mkdir(parents=True)
    wheels.mkdir()
    lines = [
        f"global.extra-index-url='\\nhttps://example.org/simple\\nfile://{index}'",
        f":env:.find-links='{wheels} {tmp_path / 'nowhere'}'",
        "global.no-binary='numpy'",
    ]
    found = settings_of(lines, None)

    assert found.folders == (index.parent, wheels)
    assert f"extra-index-url = https://example.org/simple file://{index}\n" in found.config


def test_pip_itself_is_asked(tmp_path: Path) -> None:
    """What a file and a variable say reaches the build."""
    config = tmp_path / "pip.conf"
    config.write_text("[global]\ntimeout = 5\nretries = 2\n")
    found = pip_settings({"PIP_CONFIG_FILE": str(config), "PIP_TIMEOUT": "9"})

    assert {"timeout = 9", "retries = 2"} <= set(found.config.splitlines())
