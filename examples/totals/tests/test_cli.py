import io

from totals.cli import main


def test_files_are_added_together(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("ada,1\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("ada,2\n", encoding="utf-8")
    assert main([str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]) == 0
    assert capsys.readouterr().out == "ada 3\n"


def test_standard_input_is_read_where_no_file_is_named(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("ada,1.5\n"))
    assert main([]) == 0
    assert capsys.readouterr().out == "ada 1.5\n"


def test_no_lines_print_nothing(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main([]) == 0
    assert capsys.readouterr().out == ""


def test_malformed_line_exits_2(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("ada,1\ngrace,many\n"))
    assert main([]) == 2
    assert capsys.readouterr().err == "totals: error: stdin:2: 'many' is not an amount\n"


def test_missing_file_exits_2(tmp_path, capsys):
    assert main([str(tmp_path / "none.csv")]) == 2
    assert "No such file or directory" in capsys.readouterr().err
