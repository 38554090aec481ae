@echo off
rem Runs the app: launcher APP-DIRECTORY START-COMMAND METADATA.
rem Java is taken from CC_BRIDGE_JAVA_HOME, JAVA_HOME or the PATH.
setlocal
set "CCBRIDGE_JAVA=java.exe"
if defined JAVA_HOME set "CCBRIDGE_JAVA=%JAVA_HOME%\bin\java.exe"
if defined CC_BRIDGE_JAVA_HOME set "CCBRIDGE_JAVA=%CC_BRIDGE_JAVA_HOME%\bin\java.exe"
"%CCBRIDGE_JAVA%" -Xmx32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp "%~dp0lib\lifecycle.jar;%~dp0lib\jackson-core.jar" dev.ccbridge.lifecycle.WindowsLauncher %*
exit /b %ERRORLEVEL%
