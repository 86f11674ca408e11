"""What must hold before a change may move on: subjects, requirements, verdict; pure."""
