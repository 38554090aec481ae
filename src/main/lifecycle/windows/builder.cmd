@echo off
rem Stages an app for Windows.
rem Java is taken from CC_BRIDGE_JAVA_HOME, JAVA_HOME or the PATH.
setlocal
set "CCBRIDGE_JAVA=java.exe"
if defined JAVA_HOME set "CCBRIDGE_JAVA=%JAVA_HOME%\bin\java.exe"
if defined CC_BRIDGE_JAVA_HOME set "CCBRIDGE_JAVA=%CC_BRIDGE_JAVA_HOME%\bin\java.exe"
"%CCBRIDGE_JAVA%" -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp "%~dp0lib\lifecycle.jar;%~dp0lib\commons-compress.jar;%~dp0lib\commons-io.jar;%~dp0lib\commons-lang3.jar;%~dp0lib\commons-codec.jar;%~dp0lib\jackson-core.jar" dev.ccbridge.lifecycle.WindowsBuilder %*
exit /b %ERRORLEVEL%
